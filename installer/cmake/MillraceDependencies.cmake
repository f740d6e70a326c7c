# Every library the project uses, as an imported target. All come from Debian 12; installer/packages.txt names the packages.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

find_package(Boost 1.74 REQUIRED)        # Boost::headers: Graph, Random, Asio
find_package(CLI11 REQUIRED)             # CLI11::CLI11
find_package(fmt REQUIRED)               # fmt::fmt
find_package(nlohmann_json REQUIRED)     # nlohmann_json::nlohmann_json
find_package(spdlog REQUIRED)            # spdlog::spdlog
find_package(SQLite3 REQUIRED)           # SQLite::SQLite3
find_package(SQLiteCpp REQUIRED)         # SQLiteCpp
find_package(tl-expected REQUIRED)       # tl::expected
find_package(ZLIB REQUIRED)              # ZLIB::ZLIB
pkg_check_modules(gvc REQUIRED IMPORTED_TARGET libgvc)   # PkgConfig::gvc
pkg_check_modules(isal REQUIRED IMPORTED_TARGET libisal) # PkgConfig::isal
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)  # PkgConfig::libpq
pkg_check_modules(lz4 REQUIRED IMPORTED_TARGET liblz4)   # PkgConfig::lz4
pkg_check_modules(lzma REQUIRED IMPORTED_TARGET liblzma) # PkgConfig::lzma
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)      # PkgConfig::re2
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd) # PkgConfig::zstd

# Debian's RapidJSON has a package file but no target.
find_path(MILLRACE_RAPIDJSON_INCLUDE rapidjson/reader.h REQUIRED)
mark_as_advanced(MILLRACE_RAPIDJSON_INCLUDE)
add_library(RapidJSON::RapidJSON INTERFACE IMPORTED)
target_include_directories(RapidJSON::RapidJSON INTERFACE ${MILLRACE_RAPIDJSON_INCLUDE})
target_compile_definitions(RapidJSON::RapidJSON INTERFACE RAPIDJSON_HAS_STDSTRING=1)

if(MILLRACE_WITH_QT)
    # QCustomPlot's package file needs Qt's targets and does not look for them itself.
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets PrintSupport)
    find_package(QCustomPlotQt6 REQUIRED)
    if(MILLRACE_WITH_TESTS)
        find_package(Qt6 6.4 REQUIRED COMPONENTS Test)
        # Without the folders of each test among the definitions, which only QFINDTESTDATA reads, all tests share a
        # precompiled header.
        set_property(TARGET Qt6::Test PROPERTY INTERFACE_COMPILE_DEFINITIONS QT_TESTLIB_LIB)
        find_package(rapidcheck REQUIRED) # rapidcheck
    endif()
endif()

if(MILLRACE_WITH_BENCHMARKS)
    find_package(benchmark REQUIRED)                             # benchmark::benchmark
    # ns-3 is the yardstick of the event core; the benchmarks that compare with it are left out where it is missing. Its
    # headers are C++17 and not C++20: what includes them is a target of its own with CXX_STANDARD 17.
    find_path(MILLRACE_NS3_INCLUDE ns3/core-module.h PATH_SUFFIXES ns3.37)
    find_library(MILLRACE_NS3_CORE NAMES ns3-core ns3.37-core)
    mark_as_advanced(MILLRACE_NS3_INCLUDE MILLRACE_NS3_CORE)
    if(MILLRACE_NS3_INCLUDE AND MILLRACE_NS3_CORE)
        add_library(ns3::core UNKNOWN IMPORTED)
        set_target_properties(ns3::core PROPERTIES IMPORTED_LOCATION ${MILLRACE_NS3_CORE})
        target_include_directories(ns3::core INTERFACE ${MILLRACE_NS3_INCLUDE})
    endif()
endif()
