#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/model.hpp"

namespace cleave::report {

/// The one file that `-r junit -o FILE` asks for. `parts` are what the JUnit reporters of the worker processes wrote
/// (Catch2 v2.13 and v3), in the order in which the workers ended; a part that is not whole is ignored. Their
/// `<testcase>` elements are kept byte for byte. Of a test that was tried again only the rows of its last part stay. A
/// test that no part shows gets a row of our own under Catch2's naming, and so does every red test whose rows are all
/// green (its worker died with the truth); what is red beside the tests gets a row of class "<name>.(run)". Counts are
/// recomputed: as with Catch2 `tests` counts assertions; a row of our own, or one that was left out, counts as one.
std::string catch2_junit(const RunReport& report, const std::vector<std::string>& parts);

/// As catch2_junit() for any other reporter of Catch2: "xml" and "sonarqube" are merged under one root, "tap" is
/// renumbered under one plan, all other parts are put one behind the other. In the first two only the last part counts
/// of a test that was tried again; text keeps every attempt. Every red test that no worker can have written of
/// (crashed, timed out, not run) and every problem is added in the format's own terms, for text as lines at the end.
std::string catch2_concat(const RunReport& report, std::string_view reporter, const std::vector<std::string>& parts);

}  // namespace cleave::report
