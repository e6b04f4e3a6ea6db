#pragma once

#include "plan/load.hpp"

namespace cleave::os {

/// How busy the machine is at this moment, from /proc/loadavg and /proc/pressure/cpu. An error where there is no /proc.
/// In a container these still tell of the whole machine.
Result<plan::LoadReading> load_average();

}  // namespace cleave::os
