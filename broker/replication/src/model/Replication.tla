---------------------------- MODULE Replication ----------------------------
(***************************************************************************)
(* One partition of a Millrace cluster: its state in a bucket of           *)
(* ZooKeeper, the controllers that write there, and the replicas that      *)
(* learn of it late. What the code does in io.millrace.replication and in  *)
(* io.millrace.metadata, one action per decision.                          *)
(*                                                                         *)
(* Abstractions, each of which allows at least what the code allows:       *)
(*  - Every state ever committed stays in `states`; its index is the       *)
(*    partition epoch and, with one partition in the bucket, the version   *)
(*    of the znode. Who knows an old state holds its index.                *)
(*  - Liveness is a guess: a controller may take any broker for gone, or   *)
(*    for usable, at any time.                                             *)
(*  - A controller reads its memory, writes, and takes the write over in   *)
(*    one step: the write is refused unless the memory is what is          *)
(*    committed, so nothing can lie between. Its answer may be lost or be  *)
(*    late. A refused write changes nothing, except that its author        *)
(*    resigns; the zombie stays here, which is worse.                      *)
(*  - A leader serves a fetch in one step; the follower may never get the  *)
(*    answer. A request sent before the follower went over to another      *)
(*    epoch, or crashed, may arrive afterwards (`late`).                   *)
(*  - A broker that is down is one that has restarted and does nothing.    *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS
    Replicas,
    None,
    MinInSync,
    Policy,       \* What a crash leaves of a log: "process" all; "journal" what was synced, at least; "os" any part.
    Marker,       \* Uncleanly restarted brokers: "none" nothing is done; "noticed" the controller that sees them removes them;
                  \* "checked" so, and electing or joining a broker is refused unless its latest start is accounted for.
    Broken,       \* Names of the rules left out.
    MaxRecords, MaxLeaderEpoch, MaxPartitionEpoch, MaxControllerEpoch, MaxCrashes

VARIABLES
    states,            \* committed states of the partition
    controllerEpoch,   \* /controller_epoch
    controllers,       \* what the controller of each epoch believes
    asked,             \* wished in-sync sets on their way to a controller, all on the latest state
    log, durable, highWatermark,
    seen,              \* the state that each broker's image holds
    leading,           \* each broker's leadership, if any
    disowned,          \* the leader epoch that a broker found when it started
    life,              \* each broker's epoch: grows with each start
    late,              \* a position each follower has named before it moved on
    appended,          \* how many records were ever appended; the next one's name
    acknowledged,      \* what any leader has ever committed
    zombieWrote

vars == <<states, controllerEpoch, controllers, asked, log, durable, highWatermark, seen, leading, disowned, life, late,
          appended, acknowledged, zombieWrote>>

-----------------------------------------------------------------------------
Least(numbers) == CHOOSE n \in numbers : \A m \in numbers : n <= m
Greater(a, b) == IF a > b THEN a ELSE b
IsPrefix(short, long) == Len(short) <= Len(long) /\ SubSeq(long, 1, Len(short)) = short
Start(sequence, n) == SubSeq(sequence, 1, n)

Breaks(rule) == rule \in Broken
Latest == Len(states)
Committed == states[Latest]

NotLeading == [epoch |-> 0]
LeadingFrom(epoch, start) ==
    [epoch |-> epoch, start |-> start, position |-> [r \in Replicas |-> -1], life |-> [r \in Replicas |-> 0],
     wish |-> {}, wishing |-> "settled"]
NoPosition == [epoch |-> 0]

Leads(b) == leading[b].epoch > 0

\* The epoch of the last record; 0 where there is none.
LastEpoch(records) == IF records = <<>> THEN 0 ELSE records[Len(records)].epoch

\* Where an epoch ends in a log (LeaderEpochs.endOffsetFor), and the largest epoch there that is not above it.
EndOf(epoch, records) == Cardinality({i \in DOMAIN records : records[i].epoch <= epoch})
FloorOf(epoch, records) == LET end == EndOf(epoch, records) IN IF end = 0 THEN 0 ELSE records[end].epoch

\* ReplicaLog.divergenceOf: whether a log that ends so is not a part of the leader's.
Departs(leader, offset, last) ==
    /\ last > 0
    /\ last < leading[leader].epoch => \/ FloorOf(last, log[leader]) < last
                                       \/ EndOf(last, log[leader]) < offset
    /\ last = leading[leader].epoch => Len(log[leader]) < offset

\* How much of its own log a replica may count on.
CountedOf(records, synced) == IF Policy = "journal" /\ ~Breaks("sync before acknowledging") THEN synced ELSE Len(records)

-----------------------------------------------------------------------------
(* The leader: InSyncReplicas, HighWatermark, Leadership.                   *)

Maximal(leadership, isr) ==
    IF Breaks("count the maximal set")
    THEN IF leadership.wish = {} THEN isr ELSE leadership.wish
    ELSE isr \cup leadership.wish

\* What is committed, given the in-sync replicas that the leader knows of.
CommitOf(b, leadership, isr, records, synced) ==
    LET lowest == Least({CountedOf(records, synced)} \cup {leadership.position[f] : f \in Maximal(leadership, isr) \ {b}})
        enough == Breaks("count the minimum") \/ Cardinality(isr) >= MinInSync
    IN IF enough THEN Greater(highWatermark[b], lowest) ELSE highWatermark[b]

\* The leader knows a state, takes over a change of itself or of its log, and commits what may be committed then.
LeadOn(b, leadership, state, records, synced) ==
    LET committed == CommitOf(b, leadership, states[state].isr, records, synced)
    IN /\ leading' = [leading EXCEPT ![b] = leadership]
       /\ highWatermark' = [highWatermark EXCEPT ![b] = committed]
       /\ acknowledged' = IF committed > Len(acknowledged) THEN Start(records, committed) ELSE acknowledged

Append1(b) ==
    /\ Leads(b)
    /\ appended < MaxRecords
    /\ LET records == Append(log[b], [epoch |-> leading[b].epoch, name |-> appended + 1])
       IN /\ log' = [log EXCEPT ![b] = records]
          /\ LeadOn(b, leading[b], seen[b], records, durable[b])
    /\ appended' = appended + 1
    /\ UNCHANGED <<states, controllerEpoch, controllers, asked, durable, seen, disowned, life, late, zombieWrote>>

Sync(b) ==
    /\ Policy = "journal"
    /\ durable[b] < Len(log[b])
    /\ durable' = [durable EXCEPT ![b] = Len(log[b])]
    /\ IF Leads(b)
       THEN LeadOn(b, leading[b], seen[b], log[b], Len(log[b]))
       ELSE UNCHANGED <<leading, highWatermark, acknowledged>>
    /\ UNCHANGED <<states, controllerEpoch, controllers, asked, log, seen, disowned, life, late, appended, zombieWrote>>

\* Leadership.welcome and tick. A leader that does not know the latest state may wish too, but in vain. "unsure": a refusal would
\* not tell that the wish is not fulfilled; for a smaller set no definite refusal exists.
Wish(b, isr, joining) ==
    /\ Leads(b)
    /\ seen[b] = Latest
    /\ Latest < MaxPartitionEpoch
    /\ leading[b].wishing = "settled"
    /\ asked' = asked \cup {[isr |-> isr, joining |-> joining, life |-> IF joining = None THEN 0 ELSE leading[b].life[joining]]}
    /\ leading' = [leading EXCEPT ![b].wish = isr, ![b].wishing = IF joining = None THEN "unsure" ELSE "waiting"]
    /\ UNCHANGED <<states, controllerEpoch, controllers, log, durable, highWatermark, seen, disowned, life, late, appended,
                   acknowledged, zombieWrote>>

CaughtUp(b, f) ==
    /\ leading[b].position[f] >= 0
    /\ \/ Breaks("join caught up")
       \/ leading[b].position[f] >= highWatermark[b] /\ leading[b].position[f] >= leading[b].start

WishMore(b, f) ==
    /\ Leads(b)
    /\ f \notin Committed.isr /\ f # b
    /\ CaughtUp(b, f)
    /\ Wish(b, Committed.isr \cup {f}, f)

WishFewer(b, f) == f \in Committed.isr /\ f # b /\ Wish(b, Committed.isr \ {f}, None)

\* No answer came.
GiveUpWaiting(b) ==
    /\ Leads(b) /\ leading[b].wishing = "waiting"
    /\ leading' = [leading EXCEPT ![b].wishing = "unsure"]
    /\ UNCHANGED <<states, controllerEpoch, controllers, asked, log, durable, highWatermark, seen, disowned, life, late,
                   appended, acknowledged, zombieWrote>>

Settled(leadership) == [leadership EXCEPT !.wish = {}, !.wishing = "settled"]

\* A controller, in office or a zombie, answers INELIGIBLE_REPLICA to the only wish under way.
Refused(b) ==
    /\ Leads(b) /\ leading[b].wishing = "waiting"
    /\ seen[b] = Latest
    /\ \E w \in asked :
        /\ w.joining # None
        /\ asked' = asked \ {w}
    /\ LeadOn(b, Settled(leading[b]), seen[b], log[b], durable[b])
    /\ UNCHANGED <<states, controllerEpoch, controllers, log, durable, seen, disowned, life, late, appended, zombieWrote>>

\* The answer to a wish, or to a repetition of it, names a newer state. The image of that state changes nothing more when it comes.
Answered(b, state) ==
    /\ Leads(b)
    /\ leading[b].wishing # "settled"
    /\ state > seen[b]
    /\ states[state].epoch = leading[b].epoch
    /\ seen' = [seen EXCEPT ![b] = state]
    /\ LeadOn(b, Settled(leading[b]), state, log[b], durable[b])
    /\ UNCHANGED <<states, controllerEpoch, controllers, asked, log, durable, disowned, life, late, appended, zombieWrote>>

-----------------------------------------------------------------------------
(* Images: ReplicaRole.                                                     *)

PositionOf(b) == [epoch |-> states[seen[b]].epoch, offset |-> Len(log[b]), last |-> LastEpoch(log[b]),
                  counted |-> CountedOf(log[b], durable[b]), life |-> life[b]]

\* A position named to a leader that still leads may lie on the way when the follower moves on; one that tells the leader nothing
\* new would only hold it back.
LeavesBehind(b) ==
    \/ UNCHANGED late
    \/ /\ ~Leads(b)
       /\ \E leader \in Replicas \ {b} :
           /\ leading[leader].epoch = states[seen[b]].epoch
           /\ leading[leader].position[b] < PositionOf(b).counted
       /\ late' = [late EXCEPT ![b] = PositionOf(b)]

SeeAsLeader(b, state) ==
    /\ states[state].leader = b
    /\ states[state].epoch > disowned[b]
    /\ IF leading[b].epoch = states[state].epoch
       THEN /\ LeadOn(b, Settled(leading[b]), state, log[b], durable[b])
            /\ UNCHANGED late
       ELSE /\ LeadOn(b, LeadingFrom(states[state].epoch, Len(log[b])), state, log[b], durable[b])
            /\ LeavesBehind(b)
    /\ UNCHANGED <<log, durable>>

SeeAsFollower(b, state) ==
    /\ states[state].leader # b \/ states[state].epoch <= disowned[b]
    /\ leading' = [leading EXCEPT ![b] = NotLeading]
    /\ IF states[state].epoch = states[seen[b]].epoch THEN UNCHANGED late ELSE LeavesBehind(b)
    /\ IF Breaks("truncate by epoch") /\ states[state].epoch # states[seen[b]].epoch
       THEN /\ log' = [log EXCEPT ![b] = Start(log[b], highWatermark[b])]
            /\ durable' = [durable EXCEPT ![b] = Least({durable[b], highWatermark[b]})]
       ELSE UNCHANGED <<log, durable>>
    /\ UNCHANGED <<highWatermark, acknowledged>>

SeeImage(b, state) ==
    /\ state > seen[b]
    /\ seen' = [seen EXCEPT ![b] = state]
    /\ SeeAsLeader(b, state) \/ SeeAsFollower(b, state)
    /\ UNCHANGED <<states, controllerEpoch, controllers, asked, disowned, life, appended, zombieWrote>>

-----------------------------------------------------------------------------
(* Fetching: Leadership.onFollowerPosition, PartitionReads.answer, FollowedLog. *)

Follows(b, leader) ==
    /\ b # leader
    /\ Leads(leader) /\ ~Leads(b)
    /\ states[seen[b]].leader = leader
    /\ states[seen[b]].epoch = leading[leader].epoch

Noted(leader, b, position) ==
    IF position.life < leading[leader].life[b] THEN leading[leader]
    ELSE [leading[leader] EXCEPT !.position[b] = position.counted, !.life[b] = position.life]

\* What the leader learns from a position that does not depart from its log.
TakePosition(leader, b, position) ==
    /\ Breaks("truncate by epoch") \/ ~Departs(leader, position.offset, position.last)
    /\ position.offset <= Len(log[leader])
    /\ LeadOn(leader, Noted(leader, b, position), seen[leader], log[leader], durable[leader])

FetchInStep(leader, b) ==
    /\ Follows(b, leader)
    /\ Noted(leader, b, PositionOf(b)) # leading[leader]
    /\ TakePosition(leader, b, PositionOf(b))
    /\ UNCHANGED <<states, controllerEpoch, controllers, asked, log, durable, seen, disowned, life, late, appended, zombieWrote>>

\* The answer comes too: the records that are missing, and the leader's high watermark.
FetchMore(leader, b) ==
    /\ Follows(b, leader)
    /\ LET taken == Noted(leader, b, PositionOf(b))
           committed == CommitOf(leader, taken, states[seen[leader]].isr, log[leader], durable[leader])
       IN /\ Breaks("truncate by epoch") \/ ~Departs(leader, Len(log[b]), LastEpoch(log[b]))
          /\ Len(log[b]) <= Len(log[leader])
          /\ Len(log[b]) < Len(log[leader]) \/ highWatermark[b] < committed
          /\ log' = [log EXCEPT ![b] = log[b] \o SubSeq(log[leader], Len(log[b]) + 1, Len(log[leader]))]
          /\ leading' = [leading EXCEPT ![leader] = taken]
          /\ highWatermark' = [highWatermark EXCEPT ![leader] = committed, ![b] = Greater(highWatermark[b], committed)]
          /\ acknowledged' = IF committed > Len(acknowledged) THEN Start(log[leader], committed) ELSE acknowledged
    /\ UNCHANGED <<states, controllerEpoch, controllers, asked, durable, seen, disowned, life, late, appended, zombieWrote>>

FetchAndTruncate(leader, b) ==
    /\ ~Breaks("truncate by epoch")
    /\ Follows(b, leader)
    /\ Departs(leader, Len(log[b]), LastEpoch(log[b]))
    /\ LET last == LastEpoch(log[b])
           floor == FloorOf(last, log[leader])
           agreed == Least({EndOf(last, log[leader]), EndOf(floor, log[b]), Len(log[b])})
       IN /\ log' = [log EXCEPT ![b] = Start(log[b], agreed)]
          /\ durable' = [durable EXCEPT ![b] = Least({durable[b], agreed})]
          /\ highWatermark' = [highWatermark EXCEPT ![b] = Least({highWatermark[b], agreed})]
    /\ UNCHANGED <<states, controllerEpoch, controllers, asked, seen, leading, disowned, life, late, appended, acknowledged,
                   zombieWrote>>

LateFetch(leader, b) ==
    /\ Leads(leader)
    /\ b # leader
    /\ late[b].epoch = leading[leader].epoch
    /\ TakePosition(leader, b, late[b])
    /\ late' = [late EXCEPT ![b] = NoPosition]
    /\ UNCHANGED <<states, controllerEpoch, controllers, asked, log, durable, seen, disowned, life, appended, zombieWrote>>

-----------------------------------------------------------------------------
(* A broker crashes and starts again.                                       *)

LeftByCrash(b) ==
    CASE Policy = "process" -> {Len(log[b])}
      [] Policy = "journal" -> durable[b] .. Len(log[b])
      [] Policy = "os" -> 0 .. Len(log[b])

Crashes == Cardinality(UNION {{<<r, start>> : start \in 2 .. life[r]} : r \in Replicas})

CrashAndStart(b) ==
    /\ Crashes < MaxCrashes
    /\ \E left \in LeftByCrash(b) :
        /\ log' = [log EXCEPT ![b] = Start(log[b], left)]
        /\ durable' = [durable EXCEPT ![b] = IF Policy = "journal" THEN left ELSE 0]
    /\ highWatermark' = [highWatermark EXCEPT ![b] = 0]
    /\ life' = [life EXCEPT ![b] = @ + 1]
    /\ \E first \in IF Breaks("sync before the first image") THEN 1 .. Latest ELSE {Latest} :
        /\ seen' = [seen EXCEPT ![b] = first]
        /\ disowned' = [disowned EXCEPT ![b] = IF Breaks("disown found epochs") \/ states[first].leader # b THEN 0 ELSE states[first].epoch]
        /\ IF Breaks("disown found epochs") /\ states[first].leader = b
           THEN leading' = [leading EXCEPT ![b] = LeadingFrom(states[first].epoch, Len(log'[b]))]
           ELSE leading' = [leading EXCEPT ![b] = NotLeading]
    /\ LeavesBehind(b)
    /\ UNCHANGED <<states, controllerEpoch, controllers, asked, appended, acknowledged, zombieWrote>>

-----------------------------------------------------------------------------
(* Controllers: ZooKeeperElection, PartitionElection, InSyncReplicasRule,   *)
(* ActiveController. `known` is the start of each broker that the committed *)
(* state accounts for; without a marker it plays no part.                   *)

InOffice == 1 .. controllerEpoch
Memory(c) == states[controllers[c].view]

ElectController ==
    /\ controllerEpoch < MaxControllerEpoch
    /\ controllerEpoch' = controllerEpoch + 1
    /\ controllers' = Append(controllers, [view |-> Latest, lives |-> IF Marker = "none" THEN life ELSE Committed.known])
    /\ UNCHANGED <<states, asked, log, durable, highWatermark, seen, leading, disowned, life, late, appended, acknowledged,
                   zombieWrote>>

\* ChangePlan: one multi that checks the controller epoch and the version of the bucket.
Write(c, state, lives) ==
    /\ c = controllerEpoch \/ Breaks("check the controller epoch")
    /\ controllers[c].view = Latest \/ Breaks("check the version")
    /\ state.epoch <= MaxLeaderEpoch
    /\ Latest < MaxPartitionEpoch
    /\ states' = Append(states, state)
    /\ controllers' = [controllers EXCEPT ![c] = [view |-> Latest + 1, lives |-> lives]]
    /\ asked' = {}
    /\ zombieWrote' = (zombieWrote \/ c # controllerEpoch)
    /\ UNCHANGED <<controllerEpoch, log, durable, highWatermark, seen, leading, disowned, life, late, appended, acknowledged>>

EligibleAfter(state, isr) == IF Cardinality(isr) >= MinInSync THEN {} ELSE (state.isr \cup state.elr) \ isr

MayBeUsed(state, b) == Marker = "checked" => state.known[b] = life[b]

Kept(state, isr) == [state EXCEPT !.isr = isr, !.elr = EligibleAfter(state, isr)]

Led(state, isr, leader) == [Kept(state, isr) EXCEPT !.leader = leader, !.epoch = @ + 1]

\* PartitionElection.next, with any guess of who is there to lead.
Elections(state, isr) ==
    {Led(state, isr, None)}
        \cup {Led(state, isr, l) : l \in {m \in isr : MayBeUsed(state, m)}}
        \cup {Led(state, isr \cup {l}, l) : l \in {m \in state.elr : MayBeUsed(state, m)}}

Without(state, b) ==
    IF state.leader = b THEN Elections(state, state.isr \ {b})
    ELSE {Kept(state, state.isr \ {b})}

Fence(c, b) ==
    /\ b \in Memory(c).isr
    /\ \E state \in Without(Memory(c), b) : Write(c, state, controllers[c].lives)

ElectLeader(c) ==
    /\ Memory(c).leader = None
    /\ \E state \in Elections(Memory(c), Memory(c).isr) : state.leader # None /\ Write(c, state, controllers[c].lives)

\* A leadership goes to the preferred leader (PartitionElection.preferred), or stays with the one that disowned it (relieved; Fence
\* covers the case in which others take it over). The in-sync replicas stay.
HandOver(c, l) ==
    /\ Memory(c).leader # None
    /\ l \in Memory(c).isr
    /\ l = Memory(c).leader => disowned[l] >= Memory(c).epoch
    /\ MayBeUsed(Memory(c), l)
    /\ Write(c, Led(Memory(c), Memory(c).isr, l), controllers[c].lives)

\* The registration of another life is seen: BrokerLiveness.onRegistrations.
Notice(c, b) ==
    /\ controllers[c].lives[b] # life[b]
    /\ LET lives == [controllers[c].lives EXCEPT ![b] = life[b]]
           state == Memory(c)
       IN IF Marker = "none"
          THEN IF b \in state.isr
               THEN \E after \in Without(state, b) : Write(c, after, lives)
               ELSE /\ controllers' = [controllers EXCEPT ![c].lives = lives]
                    /\ UNCHANGED <<states, controllerEpoch, asked, log, durable, highWatermark, seen, leading, disowned, life,
                                   late, appended, acknowledged, zombieWrote>>
          ELSE LET clean == [state EXCEPT !.elr = @ \ {b}]
               IN \E after \in IF b \in state.isr \/ state.leader = b THEN Without(clean, b) ELSE {clean} :
                   Write(c, [after EXCEPT !.known[b] = life[b], !.elr = @ \ {b}], lives)

AlterInSync(c, w) ==
    /\ controllers[c].view = Latest
    /\ w.joining # None => /\ Breaks("check the life of who joins") \/ w.life = controllers[c].lives[w.joining]
                           /\ MayBeUsed(Memory(c), w.joining)
    /\ Write(c, Kept(Memory(c), w.isr), controllers[c].lives)

-----------------------------------------------------------------------------
Init ==
    \E first \in Replicas :
        /\ states = <<[leader |-> first, epoch |-> 1, isr |-> Replicas, elr |-> {}, known |-> IF Marker = "none" THEN <<>> ELSE [r \in Replicas |-> 1]]>>
        /\ controllerEpoch = 1
        /\ controllers = <<[view |-> 1, lives |-> [r \in Replicas |-> 1]]>>
        /\ asked = {}
        /\ log = [r \in Replicas |-> <<>>]
        /\ durable = [r \in Replicas |-> 0]
        /\ highWatermark = [r \in Replicas |-> 0]
        /\ seen = [r \in Replicas |-> 1]
        /\ leading = [r \in Replicas |-> IF r = first THEN LeadingFrom(1, 0) ELSE NotLeading]
        /\ disowned = [r \in Replicas |-> 0]
        /\ life = [r \in Replicas |-> 1]
        /\ late = [r \in Replicas |-> NoPosition]
        /\ appended = 0
        /\ acknowledged = <<>>
        /\ zombieWrote = FALSE

Next ==
    \/ ElectController
    \/ \E c \in InOffice :
        \/ ElectLeader(c)
        \/ \E b \in Replicas : Fence(c, b) \/ Notice(c, b) \/ HandOver(c, b)
        \/ \E w \in asked : AlterInSync(c, w)
    \/ \E b \in Replicas :
        \/ Append1(b)
        \/ Sync(b)
        \/ GiveUpWaiting(b)
        \/ Refused(b)
        \/ CrashAndStart(b)
        \/ \E state \in 1 .. Latest : SeeImage(b, state) \/ Answered(b, state)
        \/ \E f \in Replicas :
            \/ WishMore(b, f)
            \/ WishFewer(b, f)
            \/ FetchInStep(b, f)
            \/ FetchMore(b, f)
            \/ FetchAndTruncate(b, f)
            \/ LateFetch(b, f)

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Replicas)

\* Two situations are one where they differ only in what cannot matter any more: states that nobody is still to see, what a zombie
\* remembers while it is fenced, positions on their way to nobody, disowned epochs that are over.
Writers == IF Breaks("check the controller epoch") THEN InOffice ELSE {controllerEpoch}
Oldest == IF Breaks("sync before the first image") THEN 1 ELSE
          Least({controllers[c].view : c \in Writers} \cup {seen[r] : r \in Replicas})
Situation ==
    <<[i \in 1 .. Latest |-> IF i < Oldest THEN 0 ELSE states[i]],
      controllerEpoch,
      [c \in InOffice |-> IF c \in Writers THEN controllers[c] ELSE 0],
      [r \in Replicas |-> IF \E leader \in Replicas : Leads(leader) /\ late[r].epoch = leading[leader].epoch THEN late[r]
                          ELSE NoPosition],
      [r \in Replicas |-> IF disowned[r] < states[seen[r]].epoch THEN 0 ELSE disowned[r]],
      asked, log, durable, highWatermark, seen, leading, life, appended, acknowledged, zombieWrote>>

-----------------------------------------------------------------------------
(* What must always be so.                                                  *)

\* In one leader epoch one broker leads, and one is named.
OneLeaderPerEpoch ==
    /\ \A a, b \in Replicas : Leads(a) /\ leading[a].epoch = leading[b].epoch => a = b
    /\ \A i \in 1 .. Latest - 1 : states[i].epoch = states[i + 1].epoch => states[i].leader = states[i + 1].leader
    /\ \A i \in 1 .. Latest - 1 : states[i].epoch <= states[i + 1].epoch

\* Two logs with a record of one epoch at one offset are the same up to there.
LogMatching ==
    \A a, b \in Replicas : \A i \in DOMAIN log[a] \cap DOMAIN log[b] :
        log[a][i].epoch = log[b][i].epoch => Start(log[a], i) = Start(log[b], i)

\* Below the high watermark all logs are what was acknowledged.
HighWatermarksAgree ==
    \A b \in Replicas : highWatermark[b] <= Len(log[b]) /\ IsPrefix(Start(log[b], highWatermark[b]), acknowledged)

Survives(b) == IF Policy = "journal" THEN Start(log[b], durable[b]) ELSE log[b]
IsAccountedFor(b) == Marker # "none" => Committed.known[b] = life[b]

\* Whoever may be elected holds all that was acknowledged, even after a crash.
ElectableHoldAll ==
    \A b \in Committed.isr \cup Committed.elr :
        IsAccountedFor(b) => IsPrefix(acknowledged, Survives(b))

LeaderHoldsAll == \A b \in Replicas : Leads(b) /\ leading[b].epoch = Committed.epoch => IsPrefix(acknowledged, log[b])

\* What a leader counts as committed is what the controller may elect from, or more.
LeaderKnowsInSync ==
    \A b \in Replicas : Leads(b) /\ seen[b] = Latest =>
        /\ leading[b].wishing # "settled" \/ asked = {}
        /\ \A w \in asked : w.isr \subseteq Committed.isr \cup leading[b].wish

ZombieWritesNothing == ~zombieWrote

AcknowledgedOnlyGrows == [][IsPrefix(acknowledged, acknowledged')]_acknowledged
=============================================================================
