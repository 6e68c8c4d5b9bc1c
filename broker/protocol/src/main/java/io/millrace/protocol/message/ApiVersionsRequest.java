package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The first request of a connection: who the client is, and what does the broker speak? */
public record ApiVersionsRequest(
        String clientSoftwareName, String clientSoftwareVersion, @Nullable String clusterId, int nodeId)
        implements Request {
    private static final String OWN_SOFTWARE_NAME = "millrace";

    public static final Schema<ApiVersionsRequest> SCHEMA = Schema.of(ApiVersionsRequest.class)
            .field("clientSoftwareName", STRING.since(3))
            .field("clientSoftwareVersion", STRING.since(3))
            .field("clusterId", NULLABLE_STRING.since(5))
            .field("nodeId", INT32.since(5).orElse(-1))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.API_VERSIONS;
    }

    /** Whether the client is one of ours, and may therefore be told of our own APIs. */
    public boolean isFromOwnClient() {
        return clientSoftwareName.startsWith(OWN_SOFTWARE_NAME);
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var ranges = error == ErrorCode.UNSUPPORTED_VERSION
                ? List.of(ApiVersionsResponse.ApiVersion.of(ApiKey.API_VERSIONS))
                : List.<ApiVersionsResponse.ApiVersion>of();
        return new ApiVersionsResponse(error, ranges, 0, List.of(), -1, List.of(), false);
    }
}
