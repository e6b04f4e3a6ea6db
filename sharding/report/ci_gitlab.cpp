#include "report/ci.hpp"

namespace cleave::report {

std::string gitlab_section(std::string_view name, std::string_view title, std::string_view text, UnixTime when) {
  const std::string seconds = std::to_string(when / std::chrono::seconds(1));
  std::string out = "\x1b[0Ksection_start:" + seconds + ":";
  out.append(name).append("[collapsed=true]\r\x1b[0K").append(title).append("\n").append(text);
  out.append("\x1b[0Ksection_end:").append(seconds).append(":").append(name).append("\r\x1b[0K\n");
  return out;
}

}  // namespace cleave::report
