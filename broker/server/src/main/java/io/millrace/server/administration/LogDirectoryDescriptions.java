package io.millrace.server.administration;

import static java.lang.System.Logger.Level.DEBUG;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeLogDirsRequest;
import io.millrace.protocol.message.DescribeLogDirsResponse;
import io.millrace.protocol.message.DescribeLogDirsResponse.Partition;
import io.millrace.protocol.message.DescribeLogDirsResponse.Result;
import io.millrace.protocol.message.DescribeLogDirsResponse.Topic;
import io.millrace.server.request.ClusterView;
import io.millrace.storage.LogDirectories;
import io.millrace.storage.LogId;
import io.millrace.storage.PartitionLog;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Tells which logs lie in which directory of this broker, and how large they are; the cursors of a queue count to its partition.
 *
 * <p>Errors of a directory: KAFKA_STORAGE_ERROR while it is offline.
 */
record LogDirectoryDescriptions(ClusterView cluster, LogDirectories directories, Executor diskReaders) {
    private static final System.Logger LOGGER = System.getLogger(LogDirectoryDescriptions.class.getName());
    private static final long UNKNOWN = -1;

    /** How large a file system is, and what it has left. */
    private record Room(long totalBytes, long usableBytes) {}

    CompletableFuture<DescribeLogDirsResponse> describe(DescribeLogDirsRequest request) {
        try {
            return CompletableFuture.supplyAsync(() -> describeNow(request), diskReaders);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(
                    (DescribeLogDirsResponse) request.errorResponse(ErrorCode.REQUEST_TIMED_OUT));
        }
    }

    private DescribeLogDirsResponse describeNow(DescribeLogDirsRequest request) {
        ClusterImage image = cluster.image();
        var results = directories.contents().stream()
                .map(directory -> result(image, request, directory))
                .toList();
        return new DescribeLogDirsResponse(0, ErrorCode.NONE, results);
    }

    private Result result(ClusterImage image, DescribeLogDirsRequest request, LogDirectories.Contents directory) {
        String path = directory.root().toAbsolutePath().toString();
        if (directory.failure().isPresent()) {
            return new Result(ErrorCode.KAFKA_STORAGE_ERROR, path, List.of(), UNKNOWN, UNKNOWN, false);
        }
        Map<String, Map<Integer, Partition>> topics = new TreeMap<>();
        for (LogId id : directory.logs()) {
            Optional<TopicImage> topic = image.topic(id.topicId());
            if (topic.isPresent() && isWanted(request, topic.get().name(), id.partition())) {
                directories.log(id).ifPresent(log -> topics.computeIfAbsent(
                                topic.get().name(), name -> new TreeMap<>())
                        .merge(id.partition(), partition(id, log), LogDirectoryDescriptions::together));
            }
        }
        Room room = room(directory.root());
        var described = new ArrayList<Topic>();
        topics.forEach((name, partitions) -> described.add(new Topic(name, List.copyOf(partitions.values()))));
        return new Result(ErrorCode.NONE, path, described, room.totalBytes(), room.usableBytes(), false);
    }

    private static boolean isWanted(DescribeLogDirsRequest request, String topic, int partition) {
        var asked = request.topics();
        return asked == null
                || asked.stream()
                        .anyMatch(wanted -> wanted.topic().equals(topic)
                                && wanted.partitions().contains(partition));
    }

    private static Partition partition(LogId id, PartitionLog log) {
        long lag = Math.max(0, log.highWatermark() - log.logEndOffset());
        return new Partition(id.partition(), log.sizeInBytes(), lag, false);
    }

    private static Partition together(Partition one, Partition other) {
        return new Partition(
                one.partitionIndex(),
                one.partitionSize() + other.partitionSize(),
                Math.max(one.offsetLag(), other.offsetLag()),
                false);
    }

    private static Room room(Path root) {
        try {
            FileStore store = Files.getFileStore(root);
            return new Room(store.getTotalSpace(), store.getUsableSpace());
        } catch (IOException e) {
            LOGGER.log(DEBUG, () -> "The file system of " + root + " does not say how large it is: " + e);
            return new Room(UNKNOWN, UNKNOWN);
        }
    }
}
