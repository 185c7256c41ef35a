// Two ends of one call: in the checker an object that stands for the judged function, in the judged
// process the loop that answers. Only codec bytes cross; arguments and answers are copies. What the
// judged end sends is hostile to the checker: lengths, kinds and nonces are checked.
#ifndef ASSAY_SANDBOX_PROXY_H
#define ASSAY_SANDBOX_PROXY_H

#include "sandbox/runtime/python/reply.h"

/// One end of the stream channel->peer.
typedef struct {
  Channel* channel;
  uint64_t reply_bytes_max;
  PyObject* relayed;  ///< checker: the exception that came last from the judged process
} Peer;

/// Makes the type of the proxy. 0, or -1 with an exception set.
int proxy_init(void);
/// The judged function as the checker calls it; NULL with an exception set. `peer` outlives it.
PyObject* proxy_new(Peer* peer);
/// The judged process: answers calls of `function` until the checker is gone.
_Noreturn void serve_calls(Peer* peer, PyObject* function);

#endif
