package io.millrace.selector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PropertyNamesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "_a", "$a", "a1", "\u00fcber", "JMSXGroupID", "JMSXGroupSeq", "JMS_Other_Flag", "jmsfoo"})
    void anApplicationMaySet(String name) {
        assertThat(PropertyNames.objectionToSetting(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1a", "a-b", "a.b", "a b"})
    void isNoName(String name) {
        assertThat(PropertyNames.isIdentifier(name)).isFalse();
        assertThat(PropertyNames.isPropertyName(name)).isFalse();
        assertThat(PropertyNames.objectionToSetting(name)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "True", "NOT", "escape"})
    void isANameThatNoSelectorCanUse(String name) {
        assertThat(PropertyNames.isIdentifier(name)).isFalse();
        assertThat(PropertyNames.objectionToSetting(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"JMSType", "JMSXDeliveryCount", "JMSXUserID", "JMSfoo", "JMS_Millrace_Types"})
    void isReserved(String name) {
        assertThat(PropertyNames.objectionToSetting(name).orElseThrow()).contains("reserved");
    }
}
