# Parley in a container: built in one image, run as nobody in another that has what it needs.
#   docker build -t parley .
#   docker run --rm -p 3000:3000 -p 3478:3478/udp \
#     --read-only --cap-drop ALL --security-opt no-new-privileges parley
# Options: PARLEY_... variables (-e), or after the image's name. To be watched it needs, besides
# --metrics-listen 0.0.0.0:9464, a network that only Prometheus shares with it; do not publish 9464.
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    gcc libc6-dev cmake ninja-build pkg-config emscripten nodejs esbuild libwebsockets-dev \
    libuv1-dev libcjson-dev libsodium-dev libssl-dev dpkg-dev file
WORKDIR /src
COPY . .
RUN cmake --preset release && cmake --build --preset release && \
    cpack --config build/release/CPackConfig.cmake

FROM debian:bookworm-slim
COPY --from=build /src/build/package/parley_*.deb /tmp/parley.deb
RUN apt-get update && apt-get install -y --no-install-recommends /tmp/parley.deb && \
    rm -rf /tmp/parley.deb /var/lib/apt/lists/*
USER 65534:65534
EXPOSE 3000 3478/udp
ENTRYPOINT ["/usr/bin/parley"]
