// Compiled three times, into three binaries with the same tests:
//   DATASTORE_TAGGED  all shards share one service; the tests that stop it are tagged `serial`.
//   DATASTORE_OWN     each shard has a service of its own, so that nothing needs to be serial.
//   DATASTORE_SHARED  as the tests were before: one service, data with fixed names, nothing tagged. They pass in one
//                     process, and break in shards.
#include "variant.hpp"

#include <cleave/fixtures.hpp>
#include <cleave/gtest.hpp>

namespace datastore {
namespace {

#if defined(DATASTORE_OWN)
const cleave::ShardFixture kService("service", start_service, cleave::FixtureOptions().needs({"postgres", "redis"}));
#else
const cleave::RunFixture kService("service", start_service, cleave::FixtureOptions().needs({"postgres", "redis"}));
#endif

#if defined(DATASTORE_TAGGED)
CLEAVE_TAG(Shutdown, "serial");
#endif

}  // namespace

const ServiceAddress& service_address() {
  static const ServiceAddress address = address_from(kService.payload());
  return address;
}

#if defined(DATASTORE_SHARED)
const std::string& scope() {
  static const std::string nothing;
  return nothing;
}
std::string fresh(std::string_view what) { return std::string(what); }
#else
const std::string& scope() { return cleave::data_prefix(); }
std::string fresh(std::string_view what) { return cleave::unique_name(what); }
#endif

}  // namespace datastore
