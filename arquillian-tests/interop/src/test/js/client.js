// Produces or consumes with kafkajs: one line "base64(key) base64(value)" a record; "-" stands for null.
const { Kafka, CompressionTypes, logLevel } = require('kafkajs');

const [verb, bootstrap, topic, argument] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'interop', brokers: bootstrap.split(','), logLevel: logLevel.ERROR });
const encode = bytes => (bytes === null ? '-' : bytes.length === 0 ? '=' : bytes.toString('base64'));
const decode = text => (text === '-' ? null : text === '=' ? Buffer.alloc(0) : Buffer.from(text, 'base64'));

async function produce() {
  const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter(line => line.length > 0);
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
      compression: argument === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
      messages: messages.slice(i, i + 100)
    });
  }
  await producer.disconnect();
}

async function consume() {
  const count = Number(argument);
  const consumer = kafka.consumer({ groupId: 'kafkajs-' + topic });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let seen = 0;
  const lines = [];
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`only ${seen} of ${count} records of ${topic} came`)), 60000);
    consumer.run({
      eachMessage: async ({ partition, message }) => {
        lines.push(`${partition} ${message.offset} ${encode(message.key)} ${encode(message.value)}`);
        if (++seen === count) {
          clearTimeout(timer);
          resolve();
        }
      }
    }).catch(reject);
  });
  await consumer.disconnect();
  process.stdout.write(lines.join('\n') + '\n');
}

(verb === 'produce' ? produce() : consume()).then(
  () => process.exit(0),
  error => {
    console.error(error);
    process.exit(1);
  });
