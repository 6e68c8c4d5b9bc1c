package io.millrace.spark;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;

/**
 * Sums up quantities by product, from a topic into a topic, until it is killed or asked to end. What it knows is in its
 * folder, and an instance that begins with that goes on where the one before ended.
 */
public final class TotalsProgram {
    /** What it prints when it reads. */
    static final String RUNS = "The query runs";

    private static final int RECORDS_OF_A_BATCH = 250;

    private TotalsProgram() {}

    static List<String> arguments(String bootstrapServers, Path directory, String input, String output) {
        return List.of(bootstrapServers, directory.toString(), input, output);
    }

    public static void main(String[] arguments) throws TimeoutException, StreamingQueryException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        Path directory = Path.of(arguments[1]);
        SparkSession spark = SparkSession.builder()
                .appName("totals")
                .master("local[2]")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.ui.enabled", "false")
                .config("spark.local.dir", directory.resolve("local").toString())
                .config(
                        "spark.sql.warehouse.dir",
                        directory.resolve("warehouse").toString())
                .config("spark.sql.shuffle.partitions", 2)
                .config(
                        "spark.sql.streaming.stateStore.providerClass",
                        "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider")
                .getOrCreate();
        StreamingQuery query = totals(spark, arguments[0], arguments[2])
                .writeStream()
                .format("kafka")
                .outputMode("update")
                .option("kafka.bootstrap.servers", arguments[0])
                .option("topic", arguments[3])
                .option("checkpointLocation", directory.resolve("checkpoint").toString())
                .start();
        out.println(RUNS);
        query.awaitTermination();
    }

    /** A record that Spark misses among those that it was promised ends the query: {@code failOnDataLoss} is on by default. */
    private static Dataset<Row> totals(SparkSession spark, String bootstrapServers, String input) {
        return spark.readStream()
                .format("kafka")
                .option("kafka.bootstrap.servers", bootstrapServers)
                .option("kafka.isolation.level", "read_committed")
                .option("subscribe", input)
                .option("startingOffsets", "earliest")
                .option("maxOffsetsPerTrigger", RECORDS_OF_A_BATCH)
                .load()
                .selectExpr("CAST(key AS STRING) AS product", "CAST(CAST(value AS STRING) AS BIGINT) AS quantity")
                .groupBy("product")
                .sum("quantity")
                .selectExpr("product AS key", "CAST(`sum(quantity)` AS STRING) AS value");
    }
}
