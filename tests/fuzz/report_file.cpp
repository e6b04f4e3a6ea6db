#include "cli/report_file.hpp"

#include "cli/graph_file.hpp"
#include "report/json.hpp"
#include "target.hpp"

namespace cleave::fuzz {

/// report.json, as `cleave report` and `cleave merge` read it, and a task file.
void report_file(std::string_view bytes) {
  (void)cli::read_graph(bytes, "graph.json");
  const auto read = cli::read_report(bytes);
  if (!read) {
    must(!read.error().what.empty(), "an error says what is wrong");
    return;
  }
  check_reports(*read);
  const auto again = cli::read_report(report::json_report(*read));
  must(again.has_value(), "a report that is written can be read");
  const int code = report::exit_code_of(*read);
  must(report::exit_code_of(*again) == code || (code != 0 && report::exit_code_of(*again) != 0), "red stays red");
}

}  // namespace cleave::fuzz
