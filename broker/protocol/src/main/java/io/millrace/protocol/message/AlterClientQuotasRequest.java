package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sets and removes quotas (KIP-546). */
public record AlterClientQuotasRequest(List<Entry> entries, boolean validateOnly) implements Request {
    /**
     * @param entityName null for the default
     */
    public record Entity(String entityType, @Nullable String entityName) {
        static final Schema<Entity> SCHEMA = Schema.of(Entity.class)
                .field("entityType", STRING)
                .field("entityName", NULLABLE_STRING)
                .build();
    }

    public record Operation(String key, double value, boolean remove) {
        static final Schema<Operation> SCHEMA = Schema.of(Operation.class)
                .field("key", STRING)
                .field("value", FLOAT64)
                .field("remove", BOOL)
                .build();
    }

    public record Entry(List<Entity> entity, List<Operation> ops) {
        static final Schema<Entry> SCHEMA = Schema.of(Entry.class)
                .field("entity", listOf(Entity.SCHEMA))
                .field("ops", listOf(Operation.SCHEMA))
                .build();
    }

    public static final Schema<AlterClientQuotasRequest> SCHEMA = Schema.of(AlterClientQuotasRequest.class)
            .field("entries", listOf(Entry.SCHEMA))
            .field("validateOnly", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ALTER_CLIENT_QUOTAS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var refused = entries.stream()
                .map(entry -> new AlterClientQuotasResponse.Entry(error, null, entry.entity()))
                .toList();
        return new AlterClientQuotasResponse(0, refused);
    }
}
