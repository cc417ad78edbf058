# This project's image as `astro dev start --image-name` needs it; see docs/settings.md.
#
#   docker build --tag classifier-pipeline-astro - < deploy/astro.Dockerfile
ARG PIPELINE_IMAGE=classifier-pipeline
FROM ${PIPELINE_IMAGE}

# The Astro CLI starts every container as this user, which only Astro's own images have. It is the image's own user under
# another name, so both names own the same files.
USER root
RUN useradd --non-unique --uid "$(id --user airflow)" --gid 0 --home-dir /home/airflow --shell /bin/bash astro \
 && install --directory --owner airflow --group 0 /usr/local/airflow /usr/local/airflow/logs
USER airflow

# The label tells the CLI that this is Airflow 3; without it, the CLI would start Airflow 2's programs.
LABEL io.astronomer.docker.airflow.version=3.3.2

# The CLI mounts the checkout here, so that code edited there runs here.
ENV AIRFLOW__CORE__DAGS_FOLDER=/usr/local/airflow/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/usr/local/airflow/plugins \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/usr/local/airflow/logs \
    PYTHONPATH=/usr/local/airflow/include
