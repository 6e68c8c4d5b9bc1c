package io.millrace.metadata.zookeeper;

import io.millrace.metadata.MetadataException;
import io.millrace.metadata.ProducerIdBlock;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;

/** Hands out producer ids by compare-and-set. An unknown outcome costs a block of ids at worst. */
final class ProducerIds {
    private static final int ATTEMPTS_MAX = 50;
    private static final int FORMAT = 1;

    private final ZooKeeperConnection connection;
    private final Paths paths;
    private final Pauses pauses;

    ProducerIds(ZooKeeperConnection connection, Paths paths, Pauses pauses) {
        this.connection = connection;
        this.paths = paths;
        this.pauses = pauses;
    }

    static byte[] encode(long nextProducerId) {
        return new BinaryWriter()
                .writeByte(FORMAT)
                .writeUnsigned(nextProducerId)
                .toByteArray();
    }

    static long decode(String what, byte[] data) {
        var in = new BinaryReader(what, data);
        in.expectVersion(FORMAT);
        long next = in.readBits();
        in.expectEnd();
        return next;
    }

    CompletableFuture<ProducerIdBlock> allocate() {
        return allocate(1);
    }

    private CompletableFuture<ProducerIdBlock> allocate(int attempt) {
        return connection
                .get(paths.producerIds())
                .thenCompose(this::take)
                .handle((block, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(block);
                    }
                    boolean worthAnother =
                            ZooKeeperFailure.is(failure, Code.BADVERSION) || ZooKeeperFailure.isUnanswered(failure);
                    if (worthAnother && attempt < ATTEMPTS_MAX) {
                        return pauses.pause().thenCompose(rested -> allocate(attempt + 1));
                    }
                    return CompletableFuture.<ProducerIdBlock>failedFuture(new MetadataException(
                            "no producer ids after " + attempt + " attempts on " + paths.producerIds(), failure));
                })
                .thenCompose(next -> next);
    }

    private CompletableFuture<ProducerIdBlock> take(Node node) {
        long first = decode(paths.producerIds(), node.data());
        byte[] next = encode(first + ProducerIdBlock.BLOCK_SIZE);
        return connection
                .set(paths.producerIds(), next, node.version())
                .thenApply(stat -> new ProducerIdBlock(first, ProducerIdBlock.BLOCK_SIZE));
    }
}
