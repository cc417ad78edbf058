# The image of every Airflow component in docker-compose.yaml and on Kubernetes.
#
#   docker build -t classifier-pipeline .
#
# It is based on Airflow's official slim image. Every Python package that this lacks, or has in another version, comes from
# our lock, checked by its hash.
FROM apache/airflow:slim-3.3.2-python3.12

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
