# One image for every process: Airflow's components, the worker, the command line.
# Needs of its base: Debian or the like with Python 3.11 to 3.13 and its venv module as `python3`.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS environment
# Unset, pip's own default holds; see docs/docker.md.
ARG PIP_INDEX_URL
WORKDIR /app
# Only what the environment depends on, so that a change of the project's code does not install it anew.
COPY pyproject.toml README.md requirements.lock ./
COPY runtime/local/bootstrap.py runtime/local/bootstrap-requirements.txt runtime/local/
RUN python3 -I runtime/local/bootstrap.py && rm -rf .venv/uv

FROM ${PYTHON_IMAGE}
ARG ANSINH_UID=10001
RUN useradd --uid "${ANSINH_UID}" --no-create-home --home-dir /tmp --shell /usr/sbin/nologin ansinh \
    && install -d -o ansinh -g ansinh -m 750 /inbox /var/lib/ansinh /var/log/ansinh
WORKDIR /app
COPY --from=environment /app/.venv .venv
COPY . .
# /tmp is the only place in a container that anybody writes to, beside the volumes.
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    AIRFLOW_HOME=/tmp/airflow \
    ANSINH_HOME=/var/lib/ansinh \
    ANSINH_INBOX=/inbox
USER ansinh
CMD ["ansinh", "--help"]
