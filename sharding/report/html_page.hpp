#pragma once

#include <string_view>

namespace cleave::report {

/// The files of sharding/report/html, compiled in: the installed library needs no file at run time.
struct HtmlPage {
  std::string_view page;    ///< page.html, with a mark {{name}} for each thing that is put in.
  std::string_view style;   ///< style.css
  std::string_view script;  ///< All *.js, in the order that CMake names them.
};

HtmlPage html_page() noexcept;

}  // namespace cleave::report
