package io.millrace.cli;

import static io.millrace.cli.ClusterOfCommands.fails;
import static io.millrace.cli.ClusterOfCommands.json;
import static io.millrace.cli.ClusterOfCommands.succeeds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What operators do with transactions, against a cluster in this process. */
@Timeout(120)
@ExtendWith(ClusterOfCommands.class)
class TransactionCommandsIT {

    private static KafkaProducer<String, String> beginning(String transactionalId) {
        var producer = new KafkaProducer<String, String>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                ClusterOfCommands.bootstrapServers(),
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                transactionalId,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                StringSerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                StringSerializer.class));
        producer.initTransactions();
        producer.beginTransaction();
        return producer;
    }

    @Test
    void anOpenTransactionIsListedDescribedAndTerminated() throws Exception {
        succeeds("topic", "create", "paid");
        try (var producer = beginning("payments")) {
            producer.send(new ProducerRecord<>("paid", "1")).get(10, SECONDS);

            JsonNode described = json(succeeds("transaction", "describe", "payments", "--json"))
                    .get(0);
            assertThat(described.get("state").asText()).isEqualTo("Ongoing");
            assertThat(described.get("partitions").get(0).get("topic").asText()).isEqualTo("paid");
            String producerId = described.get("producerId").asText();
            assertThat(succeeds("transaction", "list", "--state", "ongoing", "--producer-id", producerId)
                            .lines())
                    .anySatisfy(line -> assertThat(line).matches("payments +" + producerId + " +Ongoing +[12]"));
            assertThat(succeeds("transaction", "list", "--older-than", "1h")).doesNotContain("payments");
            assertThat(succeeds("transaction", "describe", "payments").lines())
                    .anySatisfy(line -> assertThat(line).contains("open for"))
                    .contains("  paid:0");
            assertThat(succeeds("transaction", "find-hanging", "--topic", "paid", "--older-than", "0s"))
                    .as("its coordinator knows it")
                    .isEmpty();
            assertThat(fails("transaction", "abort", "--topic", "paid", "--partition", "0", "--start-offset", "0"))
                    .contains("it is that of payments, Ongoing", "millrace transaction terminate payments");

            assertThat(succeeds("transaction", "terminate", "payments"))
                    .isEqualToIgnoringNewLines("Aborted the transaction of payments in 1 partition(s)");

            assertThat(succeeds("consume", "paid", "--from", "beginning", "-e", "--isolation", "read_committed"))
                    .isEmpty();
            assertThat(succeeds("consume", "paid", "--from", "beginning", "-e")).isEqualToIgnoringNewLines("1");
            assertThat(fails("transaction", "terminate", "payments")).contains("payments has nothing to abort");
            assertThat(fails("transaction", "abort", "--topic", "paid", "--partition", "0", "--start-offset", "0"))
                    .contains("none is open there");
        }
    }

    @Test
    void whatIsNotThereIsNamedWithWhatToDo() {
        succeeds("topic", "create", "unpaid");

        assertThat(fails("transaction", "describe", "nobodys"))
                .contains("no transactional id nobodys", "millrace transaction list");
        assertThat(fails("transaction", "terminate", "nobodys")).contains("no transactional id nobodys");
        assertThat(fails("transaction", "list", "--state", "Asleep")).contains("Asleep", "PrepareAbort");
        assertThat(fails("transaction", "abort", "--topic", "unpaid", "--partition", "3", "--start-offset", "0"))
                .contains("unpaid has no partition 3");
        assertThat(fails("transaction", "abort", "--topic", "unpaid", "--partition", "0", "--start-offset", "0"))
                .contains("none is open there");
        assertThat(succeeds("transaction", "find-hanging")).isEmpty();
    }
}
