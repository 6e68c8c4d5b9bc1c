// Produces and consumes with kafkajs as the lines of its standard input say, see AnsweringProgram. A record is one line
// "base64(key) base64(value)"; "-" stands for null and "=" for no bytes.
const { Kafka, CompressionTypes, logLevel } = require('kafkajs');

const encode = bytes => (bytes === null ? '-' : bytes.length === 0 ? '=' : bytes.toString('base64'));
const decode = text => (text === '-' ? null : text === '=' ? Buffer.alloc(0) : Buffer.from(text, 'base64'));
const clientOf = bootstrap =>
  new Kafka({ clientId: 'interop', brokers: bootstrap.split(','), logLevel: logLevel.ERROR });

async function produce(kafka, topic, codec, lines) {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const messages = lines.map(line => {
    const [key, value] = line.split(' ');
    return { key: decode(key), value: decode(value) };
  });
  for (let i = 0; i < messages.length; i += 100) {
    await producer.send({
      topic,
      acks: -1,
      compression: codec === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
      messages: messages.slice(i, i + 100)
    });
  }
  await producer.disconnect();
  return [];
}

async function consume(kafka, topic, count) {
  const consumer = kafka.consumer({ groupId: 'kafkajs-' + topic });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const lines = [];
  await new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`only ${lines.length} of ${count} records of ${topic} came`)), 60000);
    consumer.run({
      eachMessage: async ({ partition, message }) => {
        lines.push(`${partition} ${message.offset} ${encode(message.key)} ${encode(message.value)}`);
        if (lines.length === count) {
          clearTimeout(timer);
          resolve();
        }
      }
    }).catch(reject);
  });
  await consumer.disconnect();
  return lines;
}

async function main() {
  const input = require('readline').createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for (let next = await input.next(); !next.done; next = await input.next()) {
    const [verb, bootstrap, topic, ...rest] = next.value.split(' ');
    try {
      let answer;
      if (verb === 'produce') {
        const records = [];
        while (records.length < Number(rest[1])) {
          records.push((await input.next()).value);
        }
        answer = await produce(clientOf(bootstrap), topic, rest[0], records);
      } else {
        answer = await consume(clientOf(bootstrap), topic, Number(rest[0]));
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
