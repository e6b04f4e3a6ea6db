// A Catch2 binary. The tag [serial] needs no header of Cleave.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <thread>

using namespace std::chrono_literals;

TEST_CASE("words are counted, even with a comma") {
  std::this_thread::sleep_for(250ms);
  CHECK(std::string("two words").find(' ') == 3);
}

TEST_CASE("an empty text has no words") {
  std::this_thread::sleep_for(250ms);
  CHECK(std::string().empty());
}

TEST_CASE("lines are joined") {
  std::this_thread::sleep_for(250ms);
  CHECK(std::string("a") + "b" == "ab");
}

TEST_CASE("the cache is emptied", "[serial]") {
  std::this_thread::sleep_for(150ms);
  CHECK(true);
}
