package io.millrace.cli;

import io.millrace.client.ClientException;
import io.millrace.protocol.ErrorCode;
import java.util.concurrent.TimeoutException;

/** What a coordinator's refusals mean to who asked. */
final class GroupFailures {
    private GroupFailures() {}

    /** Something that is asked of the cluster. */
    interface Asked<T> {
        T get() throws InterruptedException, TimeoutException;
    }

    static <T> T explained(String groupId, Asked<T> asked) throws InterruptedException, TimeoutException {
        try {
            return asked.get();
        } catch (ClientException e) {
            if (e.errorCode() == ErrorCode.GROUP_ID_NOT_FOUND) {
                throw new CommandFailedException(
                        "there is no group named " + groupId + "; millrace group list shows what there is", e);
            }
            if (e.errorCode() == ErrorCode.NON_EMPTY_GROUP) {
                throw new CommandFailedException(
                        "group " + groupId + " has members; stop them first (millrace group describe " + groupId
                                + " --members shows them)",
                        e);
            }
            throw e;
        }
    }
}
