package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Groups with members that go from one protocol to the other, and back (KIP-848). */
class GroupMigrationTest {
    private final ConsumerGroupFixture group = new ConsumerGroupFixture();
    private final ClassicMemberFixture a = new ClassicMemberFixture(group);
    private final ClassicMemberFixture b = new ClassicMemberFixture(group);
    private final ConsumerGroupFixture.Member newer = group.member("newer");

    @BeforeEach
    void createTopic() {
        group.topic("orders", 4);
    }

    @Test
    void aClassicGroupGoesOnAsAConsumerGroupWithMembersOfBothProtocols() {
        ClassicMemberFixture.stableGroup(group, a, b);

        assertThat(newer.join().errorCode()).isEqualTo(ErrorCode.NONE);

        assertThat(newer.owned).isEmpty(); // the others have everything yet
        assertThat(a.heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        settle();
        assertThatAllIsSharedBy(List.of(a.owned(), b.owned(), newer.owned));
        var described = describe();
        assertThat(described.groupState()).isEqualTo("Stable");
        assertThat(described.members())
                .extracting(ConsumerGroupDescribeResponse.Member::memberType)
                .containsExactlyInAnyOrder((byte) 0, (byte) 0, (byte) 1);
        assertThat(a.heartbeat()).isEqualTo(ErrorCode.NONE);
        assertThat(b.heartbeat()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aCooperativeMemberKeepsWhatItNeedNotGiveUp() {
        a.isCooperative = true;
        b.isCooperative = true;
        ClassicMemberFixture.stableGroup(group, a, b);
        Set<String> before = a.owned();
        newer.join();

        assertThat(a.heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        a.join();
        a.sync();

        assertThat(before).containsAll(a.owned());
        assertThat(a.owned()).isNotEmpty();
        settle();
        assertThatAllIsSharedBy(List.of(a.owned(), b.owned(), newer.owned));
    }

    @Test
    void aClassicMemberMayJoinAConsumerGroup() {
        newer.join();
        assertThat(newer.owned).hasSize(4);

        a.join();

        assertThat(a.sync()).isEqualTo(ErrorCode.NONE);
        assertThat(a.owned()).isEmpty();
        settle();
        assertThat(a.owned()).hasSize(2);
        assertThat(newer.owned).hasSize(2).doesNotContainAnyElementsOf(a.owned());
    }

    @Test
    void theGroupIsClassicAgainWhenTheLastMemberOfTheNewerProtocolLeaves() {
        ClassicMemberFixture.stableGroup(group, a, b);
        newer.join();
        settle();

        newer.leave(ConsumerGroupHeartbeatRequest.LEAVE);

        assertThat(classicState()).isEqualTo("PreparingRebalance");
        assertThat(a.heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        int generation = a.generation();
        ClassicMemberFixture.rebalance(group, a, b);
        assertThat(classicState()).isEqualTo("Stable");
        assertThat(a.generation()).isEqualTo(generation + 1);
        assertThatAllIsSharedBy(List.of(a.owned(), b.owned()));
    }

    @Test
    void theGroupIsClassicAgainWhenTheSessionOfTheLastMemberOfTheNewerProtocolEnds() {
        ClassicMemberFixture.stableGroup(group, a, b);
        newer.join();
        settle();

        group.pass(ConsumerGroupFixture.SESSION_MS / 2);
        a.heartbeat();
        b.heartbeat();
        group.pass(ConsumerGroupFixture.SESSION_MS / 2);

        assertThat(classicState()).isEqualTo("PreparingRebalance");
        assertThat(a.heartbeat()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void aMixedGroupSurvivesItsCoordinator() {
        ClassicMemberFixture.stableGroup(group, a, b);
        newer.join();
        settle();

        group.takeOver();

        assertThat(describe().members()).hasSize(3);
        assertThat(a.heartbeat()).isEqualTo(ErrorCode.NONE);
        assertThat(newer.heartbeat().errorCode()).isEqualTo(ErrorCode.NONE);
        newer.leave(ConsumerGroupHeartbeatRequest.LEAVE);
        group.takeOver();
        assertThat(classicState())
                .isEqualTo("Stable"); // what was asked of the members is forgotten; they have what they had
        assertThat(a.heartbeat()).isEqualTo(ErrorCode.NONE);
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).errorCode())
                .isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    }

    @Test
    void aClassicMemberThatDoesNotJoinAgainInTimeIsOut() {
        ClassicMemberFixture.stableGroup(group, a, b);
        newer.join();
        int waited = 0;
        while (waited < ConsumerGroupFixture.REBALANCE_MS) {
            a.heartbeat();
            b.heartbeat();
            newer.heartbeat();
            group.pass(1_000);
            waited += 1_000;
        }

        assertThat(a.heartbeat()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(b.heartbeat()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        newer.heartbeat();
        assertThat(newer.owned).hasSize(4);
    }

    @Test
    void classicMembersLeaveAMixedGroup() {
        ClassicMemberFixture.stableGroup(group, a, b);
        newer.join();
        settle();

        assertThat(a.leave()).isEqualTo(ErrorCode.NONE);
        assertThat(b.leave()).isEqualTo(ErrorCode.NONE);

        newer.heartbeat();
        assertThat(newer.owned).hasSize(4);
        assertThat(describe().members()).hasSize(1);
    }

    @Test
    void aStaticMemberComesBackWithTheOtherProtocol() {
        a.instanceId = "one";
        ClassicMemberFixture.stableGroup(group, a, b);
        newer.instanceId = "one";

        assertThat(newer.join().errorCode()).isEqualTo(ErrorCode.NONE);

        assertThat(a.heartbeat()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(describe().members()).hasSize(2);
        for (int i = 0; i < 3; i++) {
            b.follow();
            newer.acknowledge();
        }
        assertThatAllIsSharedBy(List.of(b.owned(), newer.owned));
    }

    @Test
    void offsetsAreCommittedInTheGenerationThatAClassicMemberKnows() {
        ClassicMemberFixture.stableGroup(group, a, b);
        newer.join();

        assertThat(group.commit(a.memberId(), a.generation())).isEqualTo(ErrorCode.NONE);
        settle();
        assertThat(group.commit(a.memberId(), a.generation())).isEqualTo(ErrorCode.NONE);
        assertThat(group.commit(a.memberId(), a.generation() - 1)).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
    }

    @Test
    void withoutMigrationMembersOfTheOtherProtocolAreRefused() {
        group.migrate(MigrationPolicy.DISABLED);
        ClassicMemberFixture.stableGroup(group, a, b);

        assertThat(newer.join().errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        a.leave();
        b.leave();
        assertThat(newer.join().errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(a.tryToJoin()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void aPolicyThatOnlyUpgradesLeavesTheGroupWithItsClassicMembers() {
        group.migrate(MigrationPolicy.UPGRADE);
        ClassicMemberFixture.stableGroup(group, a, b);
        newer.join();
        settle();

        newer.leave(ConsumerGroupHeartbeatRequest.LEAVE);

        for (int i = 0; i < 3; i++) {
            a.follow();
            b.follow();
        }
        assertThatAllIsSharedBy(List.of(a.owned(), b.owned()));
        assertThat(describe().groupState()).isEqualTo("Stable");
    }

    @Test
    void aGroupOfOtherProgramsThanConsumersStaysWhatItIs() {
        a.protocolType = "connect";
        b.protocolType = "connect";
        ClassicMemberFixture.stableGroup(group, a, b);

        assertThat(newer.join().errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        assertThat(a.heartbeat()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aClassicMemberWithoutAnAssignorInCommonIsRefused() {
        newer.join();
        a.join();
        b.assignor = "sticky";

        assertThat(b.tryToJoin()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void nobodyEverHasAPartitionThatAnotherHasWhateverTheySpeak() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        newer.join();
        var newerOnes = new ArrayList<>(List.of(newer)); // the first of them stays, and with it the kind of the group
        var classicOnes = new ArrayList<ClassicMemberFixture>();
        for (int step = 0; step < 400; step++) {
            boolean hasRoom = newerOnes.size() + classicOnes.size() < 5;
            switch (random.nextInt(8)) {
                case 0 -> {
                    var member = new ClassicMemberFixture(group);
                    member.isCooperative = random.nextBoolean();
                    if (hasRoom && member.tryToJoin() == ErrorCode.NONE) {
                        member.sync();
                        classicOnes.add(member);
                    }
                }
                case 1 -> {
                    var member = group.member("m" + step);
                    if (hasRoom && member.join().errorCode() == ErrorCode.NONE) {
                        newerOnes.add(member);
                    }
                }
                case 2 -> {
                    if (newerOnes.size() > 1) {
                        newerOnes.remove(1).leave(ConsumerGroupHeartbeatRequest.LEAVE);
                    }
                }
                case 3 -> {
                    if (!classicOnes.isEmpty()) {
                        classicOnes.remove(0).leave();
                    }
                }
                case 4 -> group.takeOver();
                default -> {
                    newerOnes.get(random.nextInt(newerOnes.size())).acknowledge();
                    if (!classicOnes.isEmpty()) {
                        classicOnes.get(random.nextInt(classicOnes.size())).follow();
                    }
                }
            }
            assertThat(shares(newerOnes, classicOnes))
                    .as("seed %d, step %d", seed, step)
                    .doesNotHaveDuplicates();
        }
        for (int i = 0; i < 8; i++) {
            newerOnes.forEach(ConsumerGroupFixture.Member::acknowledge);
            classicOnes.forEach(ClassicMemberFixture::follow);
        }
        assertThat(shares(newerOnes, classicOnes))
                .as("seed %d", seed)
                .hasSize(4)
                .doesNotHaveDuplicates();
    }

    private static List<String> shares(
            List<ConsumerGroupFixture.Member> newerOnes, List<ClassicMemberFixture> classicOnes) {
        return Stream.concat(
                        newerOnes.stream().flatMap(member -> member.owned.stream()),
                        classicOnes.stream().flatMap(member -> member.owned().stream()))
                .toList();
    }

    private void settle() {
        for (int i = 0; i < 4; i++) {
            a.follow();
            b.follow();
            newer.acknowledge();
        }
    }

    private ConsumerGroupDescribeResponse.Group describe() {
        return group.groups().describe(ConsumerGroupFixture.GROUP);
    }

    private String classicState() {
        return group.groups()
                .describe(ConsumerGroupFixture.GROUP, ClassicMemberFixture.VERSION)
                .groupState();
    }

    private static void assertThatAllIsSharedBy(List<Set<String>> shares) {
        var all = new HashSet<String>();
        int count = 0;
        for (Set<String> share : shares) {
            assertThat(share).isNotEmpty();
            all.addAll(share);
            count += share.size();
        }
        assertThat(all).hasSize(4);
        assertThat(count).isEqualTo(4);
    }
}
