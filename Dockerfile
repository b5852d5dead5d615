FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 DATA_DIR=/data
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY . .
RUN pip install --no-deps --no-build-isolation -e . \
    && useradd --create-home arena && mkdir /data && chown arena /data
USER arena
EXPOSE 8000
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0"]
