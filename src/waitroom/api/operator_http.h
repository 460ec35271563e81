// The routes under /api/v1/admin/rooms: settings, and the second operator's word where it is asked.
#pragma once

#include "platform/http/router.h"
#include "waitroom/room/approvals.h"
#include "waitroom/room/ports.h"

namespace onsale::waitroom {

struct OperatorRoutes {
  Waitroom& rooms;
  Approvals& approvals;
  AuditLog& audit;  // of proposals; changes are audited by the rooms themselves
};
// The parts must outlive the router.
void operator_routes(http::Router& router, OperatorRoutes parts);

}  // namespace onsale::waitroom
