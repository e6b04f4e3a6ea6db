#pragma once

#include <string>
#include <string_view>

#include "report/model.hpp"
#include "report/speed.hpp"

namespace cleave::report {

/// `text` as one word of a POSIX shell: always in single quotes, or as $'…' (bash, zsh, ksh) when it holds control
/// characters or bytes that a terminal could not show.
std::string shell_quoted(std::string_view text);

/// The filter that selects this test and, as far as the framework's syntax can say it, no other: GoogleTest's
/// "Suite.Name", or a Catch2 test spec with what is special in it escaped.
std::string framework_filter(const plan::TestCase& test, std::string_view framework);

/// True when the line below has the test's name as it is, between single quotes, and no more flags than the filter.
/// False says nothing: names with unusual characters are not looked at closely.
bool reproduces_by_name(const plan::TestCase& test);

/// One line to copy into a shell that runs this test alone with the plain binary, without Cleave.
std::string reproduce_line(const RunReport& report, const plan::TestCase& test);

/// A failed, crashed or timed-out attempt, whole: title, every message with its location, the reason, the captured
/// output and the line that reproduces it. Ends with a newline. Names and output cannot steer the terminal.
std::string failure_block(const RunReport& report, const plan::TestCase& test, const Attempt& attempt, bool colour);

/// One line for a test that came to its end: "passed     Store.Writes  (12 ms, shard-1)".
std::string ended_line(const RunReport& report, const plan::TestCase& test, const Attempt& attempt, bool colour);

/// A problem, whole, in the form of failure_block().
std::string problem_block(const Problem& problem, bool colour);

/// What stands at the end of a run: totals on one line, what failed with its location, problems, notes, the lines about
/// its time (speed_lines()), the verdict with its reason and a hint how to go on. Says "green" exactly when
/// exit_code_of() is 0.
std::string summary(const RunReport& report, bool colour, Detail detail = Detail::normal);

}  // namespace cleave::report
