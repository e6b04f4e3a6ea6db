#include "run/ports.hpp"

#include <charconv>
#include <set>

#include "os/file.hpp"
#include "os/machine.hpp"
#include "plan/test_case.hpp"

namespace cleave::run {
namespace {

constexpr std::uint32_t kFirst = 20000;
constexpr std::uint32_t kCount = 12768;

}  // namespace

Result<std::uint16_t> Ports::port_for(std::string_view owner, std::string_view name) const {
  auto lock = os::FileLock::acquire(file_ + ".lock");
  if (!lock) return lock.error();
  std::string text;
  if (auto have = os::read_file(file_)) text = std::move(*have);
  const std::string key = std::string(owner) + "\t" + std::string(name) + "\t";

  // Lines of owner, name and port.
  std::set<std::uint32_t> taken;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const auto tab = line.rfind('\t');
    if (tab == std::string_view::npos) continue;
    std::uint32_t port = 0;
    std::from_chars(line.data() + tab + 1, line.data() + line.size(), port);
    if (line.starts_with(key)) return static_cast<std::uint16_t>(port);
    taken.insert(port);
  }
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const auto port = static_cast<std::uint32_t>(kFirst + (salt_ + taken.size() + i) % kCount);
    if (taken.count(port) != 0 || !os::port_is_free(static_cast<std::uint16_t>(port))) continue;
    text += key + std::to_string(port) + "\n";
    if (auto written = os::write_private_file(file_, text); !written) return written.error();
    return static_cast<std::uint16_t>(port);
  }
  return Error{Errc::system,
               "no free TCP port from " + std::to_string(kFirst) + " to " + std::to_string(kFirst + kCount - 1), 0};
}

Ports ports_of_run(const std::string& shared, const std::string& run_id) {
  return Ports(shared + "/ports", plan::identity_of(shared, run_id, "", 0));
}

std::string port_owner(const std::string& run_directory, const std::string& scope) {
  return run_directory + "#" + scope;
}

}  // namespace cleave::run
