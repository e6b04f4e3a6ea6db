#pragma once

#include <string>
#include <string_view>

#include "fixtures.hpp"

namespace datastore {

/// The three ways in which the same tests are built (variant.cpp).

/// The service that the test talks to.
const ServiceAddress& service_address();
/// What the names of all data of this test begin with; empty where the tests keep nothing apart.
const std::string& scope();
/// An id that no other test uses; where the tests keep nothing apart, just `what`.
std::string fresh(std::string_view what);

}  // namespace datastore
