"""The posts that come with gensim."""

from datetime import UTC, datetime

from pipeline.loading.demo import find_corpus, read_posts


def test_every_post_has_an_id_a_time_a_class_and_a_text() -> None:
    posts = list(read_posts(find_corpus()))

    assert len(posts) == 200
    assert len({post.id for post in posts}) == 200
    assert min(post.occurred_at for post in posts) == datetime(1993, 4, 1, 10, 0, 29, tzinfo=UTC)
    assert max(post.occurred_at for post in posts) == datetime(1993, 5, 17, 13, 47, 13, tzinfo=UTC)
    assert all(post.text.strip() and post.classification for post in posts)


def test_headers_are_no_part_of_the_text() -> None:
    for post in read_posts(find_corpus()):
        assert not post.text.startswith(("Newsgroups:", "Path:", "From:", "Subject:"))
        assert f"Message-ID: {post.id}" not in post.text
