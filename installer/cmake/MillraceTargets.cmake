# The four functions with which every folder describes itself.

# millrace_add_rooms(<folder>...)
# Enters each folder that exists: folders of later capabilities appear with the capability.
function(millrace_add_rooms)
    foreach(room ${ARGN})
        if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/CMakeLists.txt)
            add_subdirectory(${room})
        endif()
    endforeach()
endfunction()

# What Qt code is compiled with; part of millrace_add_library, _add_program and _add_test. QT_NO_FOREACH is not among it,
# because QCustomPlot's header needs the macro.
function(millrace_use_qt target)
    set_target_properties(${target} PROPERTIES AUTOMOC ON AUTORCC ON)
    millrace_define_qt(${target})
endfunction()

function(millrace_define_qt target)
    target_compile_definitions(${target} PRIVATE QT_NO_CAST_FROM_ASCII QT_FORCE_ASSERTS)
endfunction()

# millrace_add_library(<folder> [QT] SOURCES <file>... [PUBLIC <lib>...] [PRIVATE <lib>...])
# The target millrace_<folder>, alias millrace::<folder>. QT adds moc, rcc, Qt's compile definitions and a precompiled
# header of Qt; the Qt libraries themselves are listed like any other. Without a .cpp file it is a header-only target.
function(millrace_add_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "QT" "" "SOURCES;PUBLIC;PRIVATE")
    if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
        message(FATAL_ERROR "millrace_add_library(${name}): SOURCES expected, unknown: ${arg_UNPARSED_ARGUMENTS}")
    endif()
    set(target millrace_${name})
    set(compiled ${arg_SOURCES})
    list(FILTER compiled INCLUDE REGEX "\\.cpp$")
    if(compiled)
        add_library(${target} ${arg_SOURCES})
        target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
        target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} millrace::warnings)
    else()
        add_library(${target} INTERFACE ${arg_SOURCES})
        target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR})
        target_link_libraries(${target} INTERFACE ${arg_PUBLIC})
    endif()
    add_library(millrace::${name} ALIAS ${target})
    if(arg_QT)
        millrace_use_qt(${target})
        target_precompile_headers(${target} PRIVATE <QtCore/QtCore> <QtWidgets/QtWidgets>)
    endif()
endfunction()

# millrace_add_program(<name> [QT] SOURCES <file>... LIBS <lib>...)
# An installed program bin/<name>; MILLRACE_VERSION is the project's version as a string literal.
function(millrace_add_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "QT" "" "SOURCES;LIBS")
    if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
        message(FATAL_ERROR "millrace_add_program(${name}): SOURCES expected, unknown: ${arg_UNPARSED_ARGUMENTS}")
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    target_compile_definitions(${name} PRIVATE MILLRACE_VERSION="${PROJECT_VERSION}")
    target_link_libraries(${name} PRIVATE ${arg_LIBS} millrace::warnings)
    if(arg_QT)
        millrace_use_qt(${name})
    endif()
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# millrace_add_test(<subject> [ONE_THREAD] [MUCH_CODE] [SOURCES <file>...] [TIMEOUT <seconds>] LIBS <lib>...)
# The Qt Test program tst_<subject> of tst_<subject>.cpp (and further SOURCES), registered as <folder>/<subject> with the
# label <folder>. It runs at the root of the source tree, offscreen, in UTC, and within a minute if TIMEOUT does not say more.
# MUCH_CODE: templates make so much of it that to optimise it takes longer than to run it.
function(millrace_add_test subject)
    cmake_parse_arguments(PARSE_ARGV 1 arg "ONE_THREAD;MUCH_CODE" "TIMEOUT" "SOURCES;LIBS")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "millrace_add_test(${subject}): unknown: ${arg_UNPARSED_ARGUMENTS}")
    endif()
    # What has one thread shows a sanitizer of threads nothing, at ten times the time.
    if(arg_ONE_THREAD AND MILLRACE_SANITIZE STREQUAL "thread")
        return()
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    if(MILLRACE_SANITIZE)
        math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 5")
    endif()
    set(target tst_${subject})
    add_executable(${target} tst_${subject}.cpp ${arg_SOURCES})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE ${arg_LIBS} Qt6::Test millrace::warnings)
    millrace_define_qt(${target})
    # A test's classes stand in its one file: moc asked for just that spares each program a search and an empty file to compile.
    qt6_generate_moc(tst_${subject}.cpp ${CMAKE_CURRENT_BINARY_DIR}/tst_${subject}.moc TARGET ${target})
    target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/tst_${subject}.moc)
    target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
    get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
    # What a test says runs once and is not worth optimising; what it tests is.
    if(arg_MUCH_CODE)
        target_compile_options(${target} PRIVATE -O0)
    else()
        target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Og>)
    endif()
    # Not for what is compiled in another way than the header, nor for what sees Qt's windows, and so other headers of Qt Test.
    if(NOT arg_MUCH_CODE AND NOT folder MATCHES "^(app|widgets)$")
        target_precompile_headers(${target} REUSE_FROM millrace_test_headers)
    endif()
    # A test has one or two sources; in a unity build g++ takes them for headers and warns of their unnamed namespaces.
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests UNITY_BUILD OFF)

    add_test(NAME ${folder}/${subject} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    millrace_set_test_environment(${folder}/${subject} ${folder} ${arg_TIMEOUT})
endfunction()

# What every registered test runs under, Qt Test program or not.
function(millrace_set_test_environment test label timeout)
    # One clock judges a test, ctest's: Qt Test's own would end any that takes five minutes, whatever TIMEOUT says.
    math(EXPR function_timeout "${timeout} * 1000")
    # A program that a sanitizer stops ends with a status that none of ours has. Fewer frames than by default (30) are
    # noted of where memory was taken: walking the stack at every allocation is much of what the engine costs there.
    list(
        APPEND
        sanitizer_options
        ASAN_OPTIONS=exitcode=66:detect_stack_use_after_return=1:malloc_context_size=8
        UBSAN_OPTIONS=exitcode=66:print_stacktrace=1
        LSAN_OPTIONS=exitcode=66:suppressions=${PROJECT_SOURCE_DIR}/tests/leaks_of_libraries.txt
        TSAN_OPTIONS=exitcode=66:die_after_fork=0:suppressions=${PROJECT_SOURCE_DIR}/tests/races_of_libraries.txt
    )
    set_tests_properties(
        ${test}
        PROPERTIES
            LABELS ${label}
            TIMEOUT ${timeout}
            COST ${timeout}  # the long ones begin first, so that none is left to run alone at the end
            ENVIRONMENT
                "QT_QPA_PLATFORM=offscreen;QT_LOGGING_RULES=qt.qpa.*=false;LC_ALL=C.UTF-8;TZ=UTC;QTEST_FUNCTION_TIMEOUT=${function_timeout};${sanitizer_options}"
    )
endfunction()
