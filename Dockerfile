# Two images. The last is the image of every Airflow component in docker-compose.yaml and on Kubernetes; the other, a quarter
# of the packages, loads and serves models and contains no Airflow.
#
#   docker build -t classifier-pipeline .
#   docker build -t classifier-pipeline-service --target service .
#
# Every Python package comes from our locks, checked by its hash.
FROM python:3.12-slim AS packages

WORKDIR /build
COPY requirements-install.lock requirements-service.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-install.lock \
 && uv venv --python /usr/local/bin/python /opt/pipeline \
 && uv pip install --no-cache --compile-bytecode --python /opt/pipeline/bin/python --require-hashes -r requirements-service.lock

COPY pyproject.toml README.md ./
COPY include include
RUN hatchling build --target wheel \
 && uv pip install --no-cache --compile-bytecode --no-deps --python /opt/pipeline/bin/python dist/*.whl

FROM python:3.12-slim AS service

# The number and the group of the other image's user, so that both can use one volume; no program here runs as root.
RUN useradd --uid 50000 --gid 0 --create-home pipeline \
 && install --directory --owner pipeline --group 0 --mode 0700 /var/lib/pipeline
COPY --from=packages /opt/pipeline /opt/pipeline

ENV PATH=/opt/pipeline/bin:$PATH \
    PIPELINE_HOME=/var/lib/pipeline
USER pipeline
WORKDIR /var/lib/pipeline
ENTRYPOINT ["pipeline"]

# It is based on Airflow's official slim image. Every Python package that this lacks, or has in another version, comes from
# our lock.
FROM apache/airflow:slim-3.3.2-python3.12 AS platform

# The image's own user; no program here runs as root.
USER airflow

WORKDIR /opt/pipeline
COPY --chown=airflow:0 requirements-install.lock requirements-scaled.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-install.lock \
 && uv pip install --no-cache --compile-bytecode --require-hashes -r requirements-scaled.lock

COPY --chown=airflow:0 pyproject.toml README.md airflow_settings.yaml ./
COPY --chown=airflow:0 include include
COPY --chown=airflow:0 dags dags
COPY --chown=airflow:0 plugins plugins
# Editable, so that one folder holds the code, the DAG and the settings, as in a checkout. uv compiles only what it installs,
# so compileall compiles that folder.
RUN uv pip install --no-cache --no-deps --no-build-isolation --editable . \
 && python -m compileall -q include dags plugins

# Volumes get their owner from these folders.
RUN mkdir --mode=0700 --parents /opt/airflow/logs /opt/airflow/keys /opt/airflow/prepared

ENV AIRFLOW__CORE__DAGS_FOLDER=/opt/pipeline/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/pipeline/plugins
WORKDIR /opt/airflow
