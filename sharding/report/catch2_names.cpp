#include "report/catch2_names.hpp"

#include "report/text.hpp"

namespace cleave::report {

std::string catch2_spelling(std::string_view name) {
  constexpr std::string_view blank = " \n\r\t";
  constexpr std::string_view digits = "0123456789ABCDEF";
  const std::size_t first = name.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  name = name.substr(first, name.find_last_not_of(blank) + 1 - first);
  std::string spelled;
  for (std::size_t at = 0; at < name.size();) {
    const auto byte = static_cast<unsigned char>(name[at]);
    const Decoded step = decode_utf8(name, at);
    const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
    if (step.valid && !control) {
      spelled += name.substr(at, step.length);
      at += step.length;
    } else {
      spelled.append({'\\', 'x', digits[byte >> 4], digits[byte & 15]});
      ++at;
    }
  }
  return spelled;
}

std::string catch2_run_name(const RunReport& report) {
  const std::string name = report.binary.substr(report.binary.find_last_of('/') + 1);
  return name.empty() ? report.target : name;
}

Catch2Names::Catch2Names(const std::vector<RowView>& rows) : rows_(rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) by_name_[catch2_spelling(rows[i].test->name)].push_back(i);
}

std::vector<std::size_t> Catch2Names::owners(std::string_view class_name, std::string_view name) const {
  for (std::string_view prefix = name;;) {
    if (const auto found = by_name_.find(std::string(prefix)); found != by_name_.end()) {
      std::vector<std::size_t> exact;
      for (const std::size_t i : found->second) {
        const std::string& suite = rows_[i].test->suite;
        const std::string_view wanted = suite.empty() ? std::string_view("global") : std::string_view(suite);
        const bool fits = class_name.size() > wanted.size() && class_name.ends_with(wanted) &&
                          class_name[class_name.size() - wanted.size() - 1] == '.';
        if (fits || class_name == wanted) exact.push_back(i);
      }
      return exact.empty() ? found->second : exact;
    }
    const std::size_t slash = prefix.find_last_of('/');
    if (slash == std::string_view::npos) return {};
    prefix = prefix.substr(0, slash);
  }
}

}  // namespace cleave::report
