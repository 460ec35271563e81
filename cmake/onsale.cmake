# Flags that every target shares, and the two functions that describe a module.

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(mariadb REQUIRED IMPORTED_TARGET libmariadb)
pkg_check_modules(qrencode REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
set_target_properties(PkgConfig::hiredis PROPERTIES INTERFACE_COMPILE_OPTIONS "")  # or no precompiled header fits
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE})
endif()

add_custom_target(unit_tests)  # every test program

add_library(onsale_flags INTERFACE)
target_include_directories(onsale_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(onsale_flags INTERFACE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor
  -Wno-missing-field-initializers -fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
target_compile_definitions(onsale_flags INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_DISABLE_BOOST_REGEX ONSALE_VERSION="${PROJECT_VERSION}")
target_link_libraries(onsale_flags INTERFACE Threads::Threads)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Without the second, preprocessed text names this folder and ccache misses in every other clone.
  target_compile_options(onsale_flags INTERFACE -fpch-preprocess -fno-working-directory)
  target_link_options(onsale_flags INTERFACE -fuse-ld=mold)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(onsale_flags INTERFACE -Wno-deprecated-declarations)  # libstdc++'s own
  target_link_options(onsale_flags INTERFACE -fuse-ld=mold)
endif()
if(ONSALE_SANITIZE)
  target_compile_options(onsale_flags INTERFACE -fsanitize=${ONSALE_SANITIZE} -fno-sanitize-recover=all)
  target_compile_definitions(onsale_flags INTERFACE ONSALE_SANITIZED)
  target_link_options(onsale_flags INTERFACE -fsanitize=${ONSALE_SANITIZE})
endif()

# One precompiled header for everything: the standard library and reflection.
set(ONSALE_PRECOMPILED <algorithm> <array> <atomic> <chrono> <condition_variable> <coroutine> <cstdint>
  <deque> <exception> <expected> <functional> <map> <memory> <mutex> <optional> <set> <span> <string>
  <string_view> <thread> <tuple> <unordered_map> <utility> <variant> <vector> <boost/describe.hpp>
  <boost/mp11.hpp>)

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Clang writes the paths of its precompiled header into it, so one in the build folder makes ccache
  # miss in every other clone: it lies where all clones find it, by what it was made of.
  list(TRANSFORM ONSALE_PRECOMPILED PREPEND "#include " OUTPUT_VARIABLE text)
  list(JOIN text "\n" text)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" kind)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${kind}}")
  list(APPEND flags -std=c++23 -fno-omit-frame-pointer)
  if(ONSALE_SANITIZE)
    list(APPEND flags -fsanitize=${ONSALE_SANITIZE} -fno-sanitize-recover=all)
  endif()
  string(SHA256 key "${CMAKE_CXX_COMPILER} ${CMAKE_CXX_COMPILER_VERSION} ${Boost_VERSION} ${flags} ${text}")
  string(SUBSTRING ${key} 0 16 key)
  if(DEFINED ENV{HOME})
    set(made "$ENV{HOME}/.cache/onsale/precompiled/${key}")
  else()
    set(made "${CMAKE_BINARY_DIR}/precompiled/${key}")
  endif()
  if(NOT EXISTS ${made}/all.pch)
    file(CONFIGURE OUTPUT ${made}/all.h CONTENT "${text}\n" @ONLY)
    string(RANDOM part)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -x c++-header ${flags} -Xclang -fno-pch-timestamp
      ${made}/all.h -o ${made}/${part} COMMAND_ERROR_IS_FATAL ANY)
    file(RENAME ${made}/${part} ${made}/all.pch)
  endif()
  target_compile_options(onsale_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include-pch ${made}/all.pch>")
else()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pch.cc CONTENT "")
  add_library(onsale_pch STATIC ${CMAKE_BINARY_DIR}/pch.cc)
  target_link_libraries(onsale_pch PUBLIC onsale_flags)
  target_precompile_headers(onsale_pch PRIVATE ${ONSALE_PRECOMPILED})
endif()

function(onsale_precompiled target)
  if(TARGET onsale_pch)
    target_precompile_headers(${target} REUSE_FROM onsale_pch)
  endif()
endfunction()

# In a unity build several sources compile as one, those of a group: see tools/unity_groups.
function(onsale_unity target)
  set(sources ${ARGN})
  list(FILTER sources INCLUDE REGEX "\\.cc$")
  list(FILTER sources EXCLUDE REGEX "^${CMAKE_BINARY_DIR}/")  # made by the build, not there yet
  list(LENGTH sources count)
  if(NOT CMAKE_UNITY_BUILD OR count LESS 2)
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
    return()
  endif()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  list(TRANSFORM sources REPLACE "^([^/].*)$" "${CMAKE_CURRENT_SOURCE_DIR}/\\1")
  execute_process(COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/unity_groups ${ONSALE_UNITY_LINES} ${sources}
    OUTPUT_VARIABLE lines COMMAND_ERROR_IS_FATAL ANY OUTPUT_STRIP_TRAILING_WHITESPACE)
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
  string(REPLACE "\n" ";" lines "${lines}")
  foreach(line ${lines})
    string(REGEX MATCH "^([0-9]+) (.+)$" found "${line}")
    set_source_files_properties(${CMAKE_MATCH_2} PROPERTIES UNITY_GROUP ${target}_${CMAKE_MATCH_1})
  endforeach()
endfunction()

function(onsale_library name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPS" ${ARGN})
  if(NOT A_SOURCES)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE onsale_flags ${A_DEPS})
    return()
  endif()
  add_library(${name} STATIC ${A_SOURCES})
  target_link_libraries(${name} PUBLIC onsale_flags ${A_DEPS})
  onsale_precompiled(${name})
  onsale_unity(${name} ${A_SOURCES})
endfunction()

# Under the thread sanitizer only tests are built that have threads: those that name one, or what
# starts some; and what they need, where there are any.
function(onsale_threaded variable)
  set(found "")
  set(needed "")
  foreach(source ${${variable}})
    file(STRINGS ${source} threads LIMIT_COUNT 1
      REGEX "std::j?thread|std::async|platform/exec/|http_fixture|served_fixture|gatekeeper_fixture|databases\\.h|booking_world\\.h|kv_fixture")
    if(NOT source MATCHES "_test\\.cc$")
      list(APPEND needed ${source})
    elseif(threads)
      list(APPEND found ${source})
    endif()
  endforeach()
  if(found)
    list(APPEND found ${needed})
  endif()
  set(${variable} ${found} PARENT_SCOPE)
endfunction()

# The tests beside their subjects: every *_test.cc of a folder, in one program.
function(onsale_tests name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPS" ${ARGN})
  if(ONSALE_SANITIZE STREQUAL "thread")
    onsale_threaded(A_SOURCES)
  endif()
  if(NOT ONSALE_TESTS OR NOT A_SOURCES)
    return()
  endif()
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  add_executable(${name}_test ${A_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${A_DEPS} onsale_flags GTest::gtest_main rapidcheck)
  # Whoever uses tables tests on both dialects: "tests/contract/databases.h".
  if("${name};${A_DEPS}" MATCHES "sql|_adapters")
    target_link_libraries(${name}_test PRIVATE onsale_test_databases)
  endif()
  onsale_precompiled(${name}_test)
  onsale_unity(${name}_test ${A_SOURCES})
  add_dependencies(unit_tests ${name}_test)
  add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()

# onsale_module(booking CORE_DEPS onsale_payments ... ADAPTER_DEPS onsale_sql onsale_http)
# makes onsale_booking (the core), onsale_booking_adapters, and onsale_booking_test.
function(onsale_module name)
  cmake_parse_arguments(A "" "" "CORE_DEPS;ADAPTER_DEPS;TEST_DEPS" ${ARGN})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(adapters ${all})
  list(FILTER adapters EXCLUDE REGEX "_test\\.cc$")
  set(core ${adapters})
  list(FILTER adapters INCLUDE REGEX "(_store|_client|/http|_http)\\.cc$")
  list(FILTER core EXCLUDE REGEX "(_store|_client|/http|_http)\\.cc$")
  onsale_library(onsale_${name} SOURCES ${core} DEPS onsale_base ${A_CORE_DEPS})
  onsale_library(onsale_${name}_adapters SOURCES ${adapters}
    DEPS onsale_${name} ${A_ADAPTER_DEPS})
  onsale_tests(${name} SOURCES ${tests} DEPS onsale_${name}_adapters ${A_TEST_DEPS})
endfunction()

# A folder of platform: no core and adapters, one library.
function(onsale_platform name)
  cmake_parse_arguments(A "" "" "DEPS;TEST_DEPS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  onsale_library(onsale_${name} SOURCES ${sources} DEPS onsale_base ${A_DEPS})
  onsale_tests(${name} SOURCES ${tests} DEPS onsale_${name} ${A_TEST_DEPS})
endfunction()
