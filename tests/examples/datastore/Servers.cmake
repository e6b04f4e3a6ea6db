# Finds the servers and their client libraries. Sets DATASTORE_MISSING to the Debian packages that are not there.
set(DATASTORE_MISSING "")

# Debian keeps the programs of PostgreSQL out of PATH, with a folder for each version.
file(GLOB folders LIST_DIRECTORIES TRUE /usr/lib/postgresql/*/bin)
list(SORT folders COMPARE NATURAL ORDER DESCENDING)
find_program(DATASTORE_POSTGRES postgres HINTS ${folders})
find_program(DATASTORE_INITDB initdb HINTS ${folders})
find_program(DATASTORE_REDIS redis-server)
find_path(DATASTORE_LIBPQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql)
find_library(DATASTORE_LIBPQ pq)
find_path(DATASTORE_HIREDIS_INCLUDE hiredis/hiredis.h)
find_library(DATASTORE_HIREDIS hiredis)

foreach(pair IN ITEMS POSTGRES:postgresql INITDB:postgresql REDIS:redis-server LIBPQ_INCLUDE:libpq-dev LIBPQ:libpq-dev
                      HIREDIS_INCLUDE:libhiredis-dev HIREDIS:libhiredis-dev)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 variable)
  list(GET pair 1 package)
  if(NOT DATASTORE_${variable})
    list(APPEND DATASTORE_MISSING ${package})
  endif()
endforeach()
list(REMOVE_DUPLICATES DATASTORE_MISSING)
