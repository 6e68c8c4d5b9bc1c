// Groups and transactions with kafkajs as the lines of its standard input say, see AnsweringProgram.
//   join BOOTSTRAP TOPIC   two members of one group, until each has one of the two partitions
//   take COUNT             so many records have come to them; a line "member partition offset" for each; then both leave
//   transact BOOTSTRAP TOPIC commit|abort VALUE...
const { Kafka, logLevel } = require('kafkajs');

const WAIT_MS = 60000;
const clientOf = bootstrap =>
  new Kafka({ clientId: 'interop', brokers: bootstrap.split(','), logLevel: logLevel.ERROR });

const members = [];
const taken = [];
let onChange = () => {};

function until(condition, what) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not within ${WAIT_MS} ms: ${what()}`)), WAIT_MS);
    onChange = () => {
      if (condition()) {
        clearTimeout(timer);
        onChange = () => {};
        resolve();
      }
    };
    onChange();
  });
}

async function join(kafka, topic) {
  for (const name of ['one', 'other']) {
    const consumer = kafka.consumer({ groupId: 'kafkajs-share-' + topic, sessionTimeout: 6000, rebalanceTimeout: 6000, heartbeatInterval: 500 });
    const member = { name, consumer, partitions: [] };
    members.push(member);
    consumer.on(consumer.events.GROUP_JOIN, event => {
      member.partitions = event.payload.memberAssignment[topic] || [];
      onChange();
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        taken.push(`${name} ${partition} ${message.offset}`);
        onChange();
      }
    });
  }
  await until(() => members.every(member => member.partitions.length === 1), () => JSON.stringify(members.map(member => member.partitions)));
  return [];
}

async function take(count) {
  await until(() => taken.length >= count, () => `${taken.length} of ${count} records`);
  for (const member of members.splice(0)) {
    await member.consumer.disconnect();
  }
  return taken.splice(0);
}

async function transact(kafka, topic, end, values) {
  const producer = kafka.producer({ transactionalId: 'kafkajs-' + topic, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: values.map(value => ({ value })) });
  await (end === 'commit' ? transaction.commit() : transaction.abort());
  await producer.disconnect();
  return [];
}

async function main() {
  const input = require('readline').createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for (let next = await input.next(); !next.done; next = await input.next()) {
    const [verb, ...rest] = next.value.split(' ');
    try {
      let answer;
      if (verb === 'join') {
        answer = await join(clientOf(rest[0]), rest[1]);
      } else if (verb === 'take') {
        answer = await take(Number(rest[0]));
      } else {
        answer = await transact(clientOf(rest[0]), rest[1], rest[2], rest.slice(3));
      }
      process.stdout.write([...answer, 'done'].join('\n') + '\n');
    } catch (error) {
      console.error(error);
      process.stdout.write('failed ' + String(error).replace(/\n/g, ' ') + '\n');
    }
  }
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
