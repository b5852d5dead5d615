FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 DATA_DIR=/data PORT=8000
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY . .
RUN pip install --no-deps --no-build-isolation -e . \
    && useradd --create-home arena && mkdir /data && chown arena /data
USER arena
EXPOSE 8000
# `localhost` has to be among the ALLOWED_HOSTS.
HEALTHCHECK --interval=10s --start-period=30s \
    CMD python -c "import urllib.request; urllib.request.urlopen('http://localhost:$PORT/healthz', timeout=5)"
# On a new volume this stops and says so: run the image with `python manage.py migrate` first.
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0"]
