# Quill with LibTorch on Debian 12, run by a user without rights.
#
#   docker build -t quill .
#   docker run --rm -v "$PWD:/work" quill doctor
#
# For a GPU the host brings the driver (docker run --gpus all) and the build a LibTorch for CUDA: put one into
# .cache/torch, or name the groups of scripts/setup.sh and the options of CMake that do.
FROM debian:12 AS build
ARG SETUP="build engines torch"
ARG OPTIONS=""
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /quill
COPY . .
RUN apt-get update && scripts/setup.sh $SETUP
RUN cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DQUILL_TESTS=OFF $OPTIONS \
  && cmake --build build && cmake --install build --prefix /opt/quill && rm -rf build

FROM debian:12-slim
COPY --from=build /quill/scripts/setup.sh /quill/scripts/lib.sh /quill/scripts/packages.txt /tmp/quill/scripts/
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && /tmp/quill/scripts/setup.sh run \
  && rm -rf /var/lib/apt/lists/* /tmp/quill
COPY --from=build /opt/quill /opt/quill
RUN useradd --create-home quill && mkdir /work && chown quill /work
ENV PATH=/opt/quill/bin:$PATH NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER quill
WORKDIR /work
ENTRYPOINT ["quill"]
