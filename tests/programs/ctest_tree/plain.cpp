// plain <name>: a CTest test that knows nothing of Cleave. It logs its start and end as all tests here do.

#include "work.hpp"

int main(int, char** argv) { return argv[1] != nullptr && work::run(argv[1]) ? 0 : 1; }
