package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuggestionTest {
    private static final List<String> NAMES = List.of("retention.ms", "retention.bytes", "cleanup.policy");

    @Test
    void theNearestNameIsSuggested() {
        assertThat(Suggestion.of("retention.mss", NAMES)).contains("retention.ms");
        assertThat(Suggestion.of("retentionbytes", NAMES)).contains("retention.bytes");
        assertThat(Suggestion.of("cleanup-policy", NAMES)).contains("cleanup.policy");
    }

    @Test
    void aNameThatIsFarFromAllIsNotGuessed() {
        assertThat(Suggestion.of("colour", NAMES)).isEmpty();
        assertThat(Suggestion.of("", NAMES)).isEmpty();
    }

    @Test
    void lettersPutInTakenOutAndReplacedAreCounted() {
        assertThat(Suggestion.distance("", "abc")).isEqualTo(3);
        assertThat(Suggestion.distance("kitten", "sitting")).isEqualTo(3);
        assertThat(Suggestion.distance("same", "same")).isZero();
    }
}
