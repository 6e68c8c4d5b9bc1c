package io.millrace.metadata.zookeeper;

import io.millrace.metadata.MetadataException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.apache.zookeeper.KeeperException.Code;

/** An operation that ZooKeeper refused or did not answer. */
final class ZooKeeperFailure extends MetadataException {
    private static final long serialVersionUID = 1L;
    private static final Set<Code> UNANSWERED = EnumSet.of(
            Code.CONNECTIONLOSS,
            Code.OPERATIONTIMEOUT,
            Code.SESSIONEXPIRED,
            Code.SESSIONMOVED,
            Code.SYSTEMERROR,
            Code.REQUESTTIMEOUT);

    private static final Set<Code> REFUSALS =
            EnumSet.of(Code.NOAUTH, Code.INVALIDACL, Code.AUTHFAILED, Code.SESSIONCLOSEDREQUIRESASLAUTH);

    static final String LOGIN_REFUSED =
            "the server does not accept the login: check zookeeper.sasl.username and zookeeper.sasl.password, or the JAAS file, and"
                    + " that the server has a section Server for logins";

    private static final int UNKNOWN_OPERATION = -1;

    private final Code code;
    private final int failedOperation;

    ZooKeeperFailure(Code code, String operation, Throwable cause) {
        this(code, operation, cause, UNKNOWN_OPERATION);
    }

    /** @param failedOperation which one of several in one step could not be done, counted from 0 */
    ZooKeeperFailure(Code code, String operation, Throwable cause, int failedOperation) {
        super("ZooKeeper failed to " + operation + ": " + code + advice(code), cause);
        this.code = code;
        this.failedOperation = failedOperation;
    }

    /** Which one of several operations in one step could not be done, counted from 0; -1 where that is not known. */
    static int failedOperation(Throwable failure) {
        return unwrapped(failure) instanceof ZooKeeperFailure zooKeeperFailure
                ? zooKeeperFailure.failedOperation
                : UNKNOWN_OPERATION;
    }

    private static String advice(Code code) {
        return switch (code) {
            case NOAUTH ->
                "; another user of ZooKeeper owns that znode: check zookeeper.sasl.username and its password, or the certificate in"
                        + " zookeeper.ssl.keystore.location, which must be the same for all brokers";
            case INVALIDACL ->
                "; zookeeper.set.acl=true needs a server that knows who this broker is: check that the server has the"
                        + " authentication provider for SASL or for certificates";
            case AUTHFAILED -> "; " + LOGIN_REFUSED;
            case SESSIONCLOSEDREQUIRESASLAUTH ->
                "; this server wants a login: set zookeeper.sasl.username and zookeeper.sasl.password";
            default -> "";
        };
    }

    /** Whether only an operator can change the outcome. */
    static boolean isRefusal(Throwable failure) {
        return unwrapped(failure) instanceof ZooKeeperFailure zooKeeperFailure
                && REFUSALS.contains(zooKeeperFailure.code);
    }

    /** Whether the operation may have taken effect all the same, or may yet. */
    boolean isUnanswered() {
        return UNANSWERED.contains(code);
    }

    /** Whether a future failed with this code. */
    static boolean is(Throwable failure, Code code) {
        return unwrapped(failure) instanceof ZooKeeperFailure zooKeeperFailure && zooKeeperFailure.code == code;
    }

    static boolean isUnanswered(Throwable failure) {
        return unwrapped(failure) instanceof ZooKeeperFailure zooKeeperFailure && zooKeeperFailure.isUnanswered();
    }

    static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
