#pragma once

#include <string>
#include <string_view>

#include "report/model.hpp"

namespace cleave::fuzz {

/// The targets: each takes any bytes, gives them to what reads them in Cleave, and throws a std::logic_error where what
/// comes of it breaks a promise. Crashes and sanitizers tell the rest. Each stands in a file of its name.
void catch2_parts(std::string_view bytes);
void config(std::string_view bytes);
void events(std::string_view bytes);
void flags(std::string_view bytes);
void history(std::string_view bytes);
void journal(std::string_view bytes);
void json(std::string_view bytes);
void plain_story(std::string_view bytes);
void printed(std::string_view bytes);
void queue(std::string_view bytes);
void report_file(std::string_view bytes);
void run_files(std::string_view bytes);
void tags(std::string_view bytes);
void texts(std::string_view bytes);

/// Throws when a promise does not hold.
void must(bool holds, const char* promise);

/// A folder of this process, which goes with it.
const std::string& scratch();

/// Replaces a file in scratch(); returns its path.
std::string write_scratch(const std::string& name, std::string_view bytes);

/// The bytes before and behind the first line "----"; all of them and none when there is no such line.
std::pair<std::string_view, std::string_view> halves(std::string_view bytes);

/// What is promised of every report, whatever it holds: XML and JSON that can be parsed, a page without a tag that is
/// not ours, a terminal that is not steered, and no green word for a red run.
void check_reports(const report::RunReport& report);

}  // namespace cleave::fuzz
