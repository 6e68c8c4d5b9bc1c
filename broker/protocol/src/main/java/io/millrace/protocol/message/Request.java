package io.millrace.protocol.message;

import io.millrace.protocol.ErrorCode;

/** What a client asks. */
public interface Request extends Message {
    /** The answer that refuses everything the request asks for, in each place where the client looks for an error. */
    Response errorResponse(ErrorCode error);
}
