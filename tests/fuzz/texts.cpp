#include "plan/memory.hpp"
#include "plan/passes.hpp"
#include "plan/sanitizer_report.hpp"
#include "plan/settings.hpp"
#include "plan/stack_text.hpp"
#include "target.hpp"

namespace cleave::fuzz {

/// Texts that CMake, former runs, readers of stacks and sanitizers wrote.
void texts(std::string_view bytes) {
  if (const auto settings = plan::parse_settings(bytes, "x.settings"); !settings)
    must(settings.error().what.find("x.settings") != std::string::npos, "an error names the file");
  const plan::Passes passes = plan::decode_passes(bytes);
  const plan::Passes again = plan::decode_passes(plan::encode_passes(passes));
  must(again.key == passes.key && again.tests == passes.tests, "passes that are written and read stay the same");
  const auto duration = plan::parse_duration(bytes);
  must(!duration || duration->count() >= 0, "no duration is negative");
  const plan::SanitizerReport found = plan::first_sanitizer_report(bytes);
  must(found.text.size() <= bytes.size(), "a report is part of what was printed");
  for (const char* const program : {"cleave-stacks", "/usr/bin/eu-stack", "gdb"})
    (void)plan::readable_stacks(program, std::string(bytes));
  (void)plan::memory_of_machine(bytes);
}

}  // namespace cleave::fuzz
