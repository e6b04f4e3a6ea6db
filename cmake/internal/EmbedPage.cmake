# Writes the C++ source that holds the page of report.html:
#   cmake -DPAGE=page.html -DSTYLE=style.css "-DSCRIPTS=a.js|b.js" -DOUTPUT=html_page.cpp -P EmbedPage.cmake
# The scripts share one scope, which nothing outside of the page can reach.

# Raw strings, each far below the 65,536 characters that every compiler has to take.
function(append_text variable file)
  file(READ "${file}" text)
  string(FIND "${text}" ")cleave\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${file} holds )cleave\", which ends a raw string")
  endif()
  string(APPEND ${variable} "R\"cleave(${text})cleave\"\n")
  set(${variable} "${${variable}}" PARENT_SCOPE)
endfunction()

set(page "")
set(style "")
set(script "")
append_text(page "${PAGE}")
append_text(style "${STYLE}")
string(REPLACE "|" ";" SCRIPTS "${SCRIPTS}")
foreach(file IN LISTS SCRIPTS)
  append_text(script "${file}")
endforeach()

set(source "#include \"report/html_page.hpp\"\n\nnamespace cleave::report {\nnamespace {\n\n")
string(APPEND source "constexpr std::string_view kPage = ${page};\n")
string(APPEND source "constexpr std::string_view kStyle = ${style};\n")
string(APPEND source "constexpr std::string_view kScript = \"(() => {\\n'use strict';\\n\"\n${script}\"})();\\n\";\n\n")
string(APPEND source "}  // namespace\n\nHtmlPage html_page() noexcept { return {kPage, kStyle, kScript}; }\n\n")
string(APPEND source "}  // namespace cleave::report\n")
file(WRITE "${OUTPUT}" "${source}")
