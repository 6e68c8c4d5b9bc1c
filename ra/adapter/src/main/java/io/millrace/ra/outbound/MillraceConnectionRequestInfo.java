package io.millrace.ra.outbound;

import jakarta.resource.spi.ConnectionRequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * What an application asks of a connection.
 *
 * <p>The mode of the session is not part of it: every managed connection serves every mode, so that a pool never has to
 * throw one away for the sake of another mode.
 *
 * @param userName null where the application gave none
 */
record MillraceConnectionRequestInfo(@Nullable String userName, @Nullable String password)
        implements ConnectionRequestInfo {
    static final MillraceConnectionRequestInfo ANYBODY = new MillraceConnectionRequestInfo(null, null);

    @Override
    public String toString() {
        return "MillraceConnectionRequestInfo[userName=" + userName + "]";
    }
}
