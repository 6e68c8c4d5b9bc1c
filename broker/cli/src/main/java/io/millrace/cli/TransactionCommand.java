package io.millrace.cli;

import io.millrace.client.ClientException;
import io.millrace.client.TransactionAdmin;
import io.millrace.protocol.ErrorCode;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Administration of the transactions of producers. */
@Command(
        name = "transaction",
        description = "Lists and describes transactions of producers, finds those that nobody ends, and aborts them.",
        mixinStandardHelpOptions = true,
        subcommands = {
            TransactionListCommand.class,
            TransactionDescribeCommand.class,
            TransactionFindHangingCommand.class,
            TransactionAbortCommand.class,
            TransactionTerminateCommand.class
        })
final class TransactionCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    TransactionCommand() {}

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Say what to do: list, describe, find-hanging, abort or terminate.");
    }

    /** What the coordinator knows of a transactional id, which must be there. */
    static TransactionAdmin.Description describe(ClusterOptions cluster, TransactionAdmin admin, String transactionalId)
            throws InterruptedException, TimeoutException {
        try {
            return cluster.await(admin.describe(transactionalId));
        } catch (ClientException e) {
            if (e.errorCode() == ErrorCode.TRANSACTIONAL_ID_NOT_FOUND) {
                throw new CommandFailedException(
                        "there is no transactional id " + transactionalId
                                + "; millrace transaction list shows what there is",
                        e);
            }
            throw e;
        }
    }
}
