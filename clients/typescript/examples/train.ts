// Trains examples/ai4i.yaml's model, or a smaller one: node dist/examples/train.js --server 127.0.0.1:50151
import { parseArgs } from 'node:util';
import { CallError, JobEndedError, TrainingClient, type TrainingSpec } from '../src';

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: '127.0.0.1:50151' },
    token: { type: 'string' },
    data: { type: 'string', default: 'examples/data/ai4i2020.csv' },
    target: { type: 'string', default: 'Machine failure' },
    exclude: { type: 'string', default: 'UDI,Product ID,TWF,HDF,PWF,OSF,RNF' },
    trials: { type: 'string', default: '40' },
    'least-recall': { type: 'string' },
    'least-precision': { type: 'string' },
  },
});

const [recall, precision] = [values['least-recall'], values['least-precision']];
const limits = {
  ...(recall && { min_recall: Number(recall) }),
  ...(precision && { min_precision: Number(precision) }),
};
const spec: TrainingSpec = {
  decision: 'Flag machines likely to fail so that maintenance can stop them first.',
  data: {
    uri: values.data,
    target: values.target,
    positive_class: '1',
    exclude: values.exclude.split(',').filter(Boolean),
  },
  split: { test_fraction: 0.2, folds: 5, seed: 42 },
  candidates: [
    { family: 'logistic_regression' },
    { family: 'hist_gradient_boosting', space: { learning_rate: { log_uniform: { low: 0.01, high: 0.3 } } } },
  ],
  search: { algorithm: 'SEARCH_ALGORITHM_BAYESIAN', metric: 'average_precision', max_trials: Number(values.trials) },
  threshold: recall || precision ? limits : { expected_cost: { false_negative: 20, false_positive: 1 } },
  diagnosis: { learning_points: 0, seeds: 0 },
};

async function main(): Promise<void> {
  const client = new TrainingClient(values.server, { token: values.token });
  try {
    const job = await client.submit(spec, { labels: { from: 'typescript' } });
    console.log(`job ${job}`);
    for await (const event of client.watch(job)) {
      if (event.state) console.log(`${event.sequence} ${event.state.to}`);
      if (event.phase) console.log(`${event.sequence} == ${event.phase.phase}`);
      if (event.trial && event.trial.state !== 'TRIAL_STATE_RUNNING') {
        console.log(`${event.sequence} trial ${event.trial.number} ${event.trial.family}: ${event.trial.mean}`);
      }
    }
    const report = await client.report(job);
    console.log(`selected ${report.selected?.family}, threshold ${report.threshold?.value}`);
    console.log(JSON.stringify(report.test?.metrics));
  } finally {
    client.close();
  }
}

main().catch((error: unknown) => {
  const known = error instanceof CallError || error instanceof JobEndedError;
  console.error(known ? error.message : error);
  process.exitCode = 1;
});
