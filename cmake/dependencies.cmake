# Everything here comes from Debian 12 packages; scripts/packages.txt lists them.
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)

# Engines that need not be there. DuckDB: a folder with libduckdb.so and duckdb.h, from DUCKDB_ROOT or where
# scripts/setup.sh puts it.
set(DUCKDB_ROOT "" CACHE PATH "Folder with libduckdb.so and duckdb.h")
set(duckdb_places ${DUCKDB_ROOT} $ENV{DUCKDB_ROOT} ${CMAKE_SOURCE_DIR}/.cache/duckdb)
find_path(DUCKDB_INCLUDE duckdb.h HINTS ${duckdb_places} PATH_SUFFIXES include)
find_library(DUCKDB_LIBRARY duckdb HINTS ${duckdb_places} PATH_SUFFIXES lib)
find_package(PostgreSQL QUIET) # libpq alone

if(NOT TARGET tomlplusplus::tomlplusplus)
  find_package(tomlplusplus QUIET)
  if(NOT TARGET tomlplusplus::tomlplusplus)
    find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
    add_library(tomlplusplus::tomlplusplus INTERFACE IMPORTED)
    target_include_directories(tomlplusplus::tomlplusplus INTERFACE ${TOMLPLUSPLUS_INCLUDE})
  endif()
endif()

# Static, because Debian's libpg-query.so is not on every machine the binary goes to.
find_path(PG_QUERY_INCLUDE pg_query.h REQUIRED)
find_library(PG_QUERY_LIBRARY NAMES libpg_query.a REQUIRED)
find_library(PROTOBUF_C_LIBRARY NAMES libprotobuf-c.a REQUIRED)
find_library(XXHASH_LIBRARY NAMES libxxhash.a REQUIRED)
add_library(quill_xxhash INTERFACE)
target_link_libraries(quill_xxhash INTERFACE ${XXHASH_LIBRARY})
add_library(quill_libpg_query INTERFACE)
target_include_directories(quill_libpg_query SYSTEM INTERFACE ${PG_QUERY_INCLUDE})
target_link_libraries(quill_libpg_query INTERFACE ${PG_QUERY_LIBRARY} ${PROTOBUF_C_LIBRARY}
  quill_xxhash Threads::Threads)

# Static too: quill starts in milliseconds because the loader has little to find.
find_path(PCRE2_INCLUDE pcre2.h REQUIRED)
find_library(PCRE2_LIBRARY NAMES libpcre2-8.a REQUIRED)
add_library(quill_pcre2 INTERFACE)
target_include_directories(quill_pcre2 SYSTEM INTERFACE ${PCRE2_INCLUDE})
target_link_libraries(quill_pcre2 INTERFACE ${PCRE2_LIBRARY})
find_path(UTF8PROC_INCLUDE utf8proc.h REQUIRED)
find_library(UTF8PROC_LIBRARY NAMES libutf8proc.a REQUIRED)
add_library(quill_utf8proc INTERFACE)
target_include_directories(quill_utf8proc SYSTEM INTERFACE ${UTF8PROC_INCLUDE})
target_compile_definitions(quill_utf8proc INTERFACE UTF8PROC_STATIC)
target_link_libraries(quill_utf8proc INTERFACE ${UTF8PROC_LIBRARY})

# FAISS is static; so are the BLAS and LAPACK it names, because a shared OpenBLAS starts its threads in every program
# that links it. Compiled Fortran prints its own errors, hence libgfortran.
find_path(FAISS_INCLUDE faiss/IndexFlat.h REQUIRED)
find_library(FAISS_LIBRARY NAMES libfaiss.a REQUIRED)
find_library(LAPACK_LIBRARY NAMES liblapack.a REQUIRED PATH_SUFFIXES lapack)
find_library(BLAS_LIBRARY NAMES libblas.a REQUIRED PATH_SUFFIXES blas)
find_library(GOMP_LIBRARY NAMES libgomp.so.1 REQUIRED)
find_library(GFORTRAN_LIBRARY NAMES libgfortran.so.5 REQUIRED)
add_library(quill_faiss INTERFACE)
target_include_directories(quill_faiss SYSTEM INTERFACE ${FAISS_INCLUDE})
target_link_libraries(quill_faiss INTERFACE ${FAISS_LIBRARY} ${LAPACK_LIBRARY} ${BLAS_LIBRARY} ${GFORTRAN_LIBRARY}
  ${GOMP_LIBRARY} Threads::Threads)

find_path(LIBEVENT_INCLUDE event2/http.h REQUIRED)
find_library(LIBEVENT_CORE_LIBRARY NAMES libevent_core.a REQUIRED)
find_library(LIBEVENT_EXTRA_LIBRARY NAMES libevent_extra.a REQUIRED)
add_library(quill_libevent INTERFACE)
target_include_directories(quill_libevent SYSTEM INTERFACE ${LIBEVENT_INCLUDE})
target_link_libraries(quill_libevent INTERFACE ${LIBEVENT_EXTRA_LIBRARY} ${LIBEVENT_CORE_LIBRARY})

# LibTorch: an unpacked one, from Torch_DIR or where scripts/setup.sh puts it.
if(NOT QUILL_TORCH STREQUAL "OFF")
  find_package(Torch 2.11 QUIET HINTS $ENV{Torch_DIR} ${QUILL_TORCH_PLACE})
  find_path(GLOO_INCLUDE gloo/algorithm.h) # LibTorch brings the library, Debian the headers
endif()
