// Times one denoising step in onnxruntime: M tokens over cached keys and values, logits for all M rows.
//   node onnx_bench.mjs MODULES SHAPE KIND THREADS CONTEXT SECONDS M...
// prints one JSON line for each M. KIND says how the linears are computed, always from int8 activations:
//   dynamic  int8 weights, one scale per output, com.microsoft.DynamicQuantizeMatMul
//   nbits8   int8 weights in groups of 32, com.microsoft.MatMulNBits at accuracy level 4
//   nbits4   the same with 4-bit weights
// The graph is written here for the fastest operators that onnxruntime has for it: grouped queries as batched
// products over keys that lie transposed, fused RMS norms and rotations. Weights are random.
import {readFileSync, writeFileSync, rmSync, mkdtempSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const [modules, shapeName, kind, threads, contextText, secondsText, ...sizes] = process.argv.slice(2);
const require = createRequire(join(modules, 'package.json'));
const ort = require('onnxruntime-node');
const {onnx} = require('onnx-proto');

const shape = JSON.parse(readFileSync(new URL('shapes.json', import.meta.url)))[shapeName];
const context = Number(contextText);
const seconds = Number(secondsText);
const D = 64;
const {hidden: C, layers: L, heads: H, kv_heads: K, intermediate: F, vocab: V} = shape;
const group = H / K;
const type = onnx.TensorProto.DataType;

const nodes = [], initializers = [];
let seed = 2463534242;
function random() {  // xorshift, 32 bits
  seed ^= seed << 13; seed ^= seed >>> 17; seed ^= seed << 5;
  return seed >>> 0;
}

function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
function constant(name, dataType, dims, array) {
  initializers.push({name, dataType, dims, rawData: bytesOf(array)});
  return name;
}
const floats = (name, dims, array) => constant(name, type.FLOAT, dims, array);
const integers = (name, values) => constant(name, type.INT64, [values.length], BigInt64Array.from(values.map(BigInt)));

function attribute(name, value) {
  const kinds = onnx.AttributeProto.AttributeType;
  if (Array.isArray(value)) return {name, type: kinds.INTS, ints: value};
  if (typeof value === 'object') return {name, type: kinds.FLOAT, f: value.float};
  return {name, type: kinds.INT, i: value};
}
let counter = 0;
function node(opType, inputs, attributes = {}, {domain = '', outputs = 1, name} = {}) {
  const out = name ? [name] : Array.from({length: outputs}, () => `t${counter++}`);
  nodes.push({opType, domain, input: inputs, output: out, name: `${opType}_${counter++}`,
              attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value))});
  return outputs === 1 ? out[0] : out;
}
const MICROSOFT = 'com.microsoft';

function randomBytes(count) {
  const words = new Uint32Array(Math.ceil(count / 4));
  for (let i = 0; i < words.length; ++i) words[i] = random();
  return new Uint8Array(words.buffer, 0, count);
}

// y [1, M, outputs] = x [1, M, inputs] · w
function linear(x, inputs, outputs, name) {
  const scale = 1 / (64 * Math.sqrt(inputs));
  if (kind === 'dynamic') {
    const w = constant(`${name}.w`, type.INT8, [inputs, outputs], randomBytes(inputs * outputs));
    const scales = floats(`${name}.s`, [outputs], new Float32Array(outputs).fill(scale));
    return node('DynamicQuantizeMatMul', [x, w, scales], {}, {domain: MICROSOFT, name: `${name}.y`});
  }
  const bits = kind === 'nbits8' ? 8 : 4, block = 32;
  const blocks = inputs / block;
  const w = constant(`${name}.w`, type.UINT8, [outputs, blocks, block * bits / 8],
                     randomBytes(outputs * inputs * bits / 8));
  const scales = floats(`${name}.s`, [outputs * blocks],
                        new Float32Array(outputs * blocks).fill(bits === 8 ? scale : scale * 16));
  return node('MatMulNBits', [x, w, scales], {K: inputs, N: outputs, bits, block_size: block, accuracy_level: 4},
              {domain: MICROSOFT, name: `${name}.y`});
}

function norm(x, size, name) {
  const gain = floats(`${name}.g`, [size], new Float32Array(size).fill(1));
  return node('SimplifiedLayerNormalization', [x, gain], {axis: -1, epsilon: {float: 1e-6}, stash_type: 1});
}
// The norm of x + residual, and that sum.
function addAndNorm(x, residual, name) {
  const gain = floats(`${name}.g`, [C], new Float32Array(C).fill(1));
  const out = [`t${counter++}`, '', '', `t${counter++}`];
  nodes.push({opType: 'SkipSimplifiedLayerNormalization', domain: MICROSOFT, input: [x, residual, gain], output: out,
              name: `skip_${counter++}`, attribute: [attribute('epsilon', {float: 1e-6})]});
  return [out[0], out[3]];
}

function makeGraph() {
  const asHeads = integers('as_heads', [1, -1, H, D]), asKvHeads = integers('as_kv_heads', [1, -1, K, D]);
  const grouped = integers('grouped', [K, -1, D]);
  const ungrouped = integers('ungrouped', [1, H, -1, D]);
  const flat = integers('flat', [1, -1, H * D]);
  const scale = floats('scale', [1], Float32Array.of(1 / Math.sqrt(D)));
  const parts = integers('parts', [H * D, K * D, K * D]);
  const gateAndUp = integers('gate_and_up', [F, F]);
  const most = 8192;
  const cos = new Float32Array(most * D / 2), sin = new Float32Array(most * D / 2);
  for (let p = 0; p < most; ++p) {
    for (let i = 0; i < D / 2; ++i) {
      const angle = p * Math.pow(10000, -2 * i / D);
      cos[p * D / 2 + i] = Math.cos(angle); sin[p * D / 2 + i] = Math.sin(angle);
    }
  }
  const cosines = floats('cos', [most, D / 2], cos), sines = floats('sin', [most, D / 2], sin);

  const table = new Float32Array(V * C);
  for (let i = 0; i < table.length; ++i) table[i] = (random() / 2 ** 32 - 0.5);
  const embedding = floats('embedding', [V, C], table);
  let residual = node('Gather', [embedding, 'tokens']);
  let x = norm(residual, C, 'n0');
  const inputs = [{name: 'tokens', dataType: type.INT64, dims: [1, 'M']},
                  {name: 'positions', dataType: type.INT64, dims: [1, 'M']}];
  for (let layer = 0; layer < L; ++layer) {
    const p = `l${layer}`;
    inputs.push({name: `${p}.keys`, dataType: type.FLOAT, dims: [K, D, context]},
                {name: `${p}.values`, dataType: type.FLOAT, dims: [K, context, D]});
    const qkv = linear(x, C, (H + 2 * K) * D, `${p}.qkv`);
    let [q, k, v] = node('Split', [qkv, parts], {axis: 2}, {outputs: 3});
    const rotate = (value, heads, name) => {
      const normed = norm(node('Reshape', [value, heads]), D, name);
      const turned = node('Transpose', [normed], {perm: [0, 2, 1, 3]});  // [1, heads, M, D]
      return node('RotaryEmbedding', [turned, 'positions', cosines, sines], {}, {domain: MICROSOFT});
    };
    q = node('Reshape', [rotate(q, asHeads, `${p}.qn`), grouped]);    // [K, group · M, D]
    k = node('Reshape', [rotate(k, asKvHeads, `${p}.kn`), grouped]);  // [K, M, D]
    v = node('Reshape', [node('Transpose', [node('Reshape', [v, asKvHeads])], {perm: [0, 2, 1, 3]}), grouped]);
    q = node('Mul', [q, scale]);
    const own = node('MatMul', [q, node('Transpose', [k], {perm: [0, 2, 1]})]);
    let mixed;
    if (context > 0) {
      const cached = node('MatMul', [q, `${p}.keys`]);
      const weights = node('Softmax', [node('Concat', [cached, own], {axis: 2})], {axis: 2});
      const lengths = node('Concat', [integers(`${p}.context`, [context]), 'length'], {axis: 0});
      const [ofCached, ofOwn] = node('Split', [weights, lengths], {axis: 2}, {outputs: 2});
      mixed = node('Add', [node('MatMul', [ofCached, `${p}.values`]), node('MatMul', [ofOwn, v])]);
    } else {
      mixed = node('MatMul', [node('Softmax', [own], {axis: 2}), v]);
    }
    mixed = node('Transpose', [node('Reshape', [mixed, ungrouped])], {perm: [0, 2, 1, 3]});
    const attended = linear(node('Reshape', [mixed, flat]), H * D, C, `${p}.o`);
    [x, residual] = addAndNorm(attended, residual, `${p}.n1`);
    const [gate, up] = node('Split', [linear(x, C, 2 * F, `${p}.gu`), gateAndUp], {axis: 2}, {outputs: 2});
    const silu = node('QuickGelu', [gate], {alpha: {float: 1}}, {domain: MICROSOFT});
    const down = linear(node('Mul', [silu, up]), F, C, `${p}.d`);
    [x, residual] = addAndNorm(down, residual, `${p}.n2`);
  }
  linear(x, C, V, 'head');
  inputs.push({name: 'length', dataType: type.INT64, dims: [1]});
  const value = ({name, dataType, dims}) => ({
    name,
    type: {tensorType: {elemType: dataType,
                        shape: {dim: dims.map((d) => typeof d === 'string' ? {dimParam: d} : {dimValue: d})}}},
  });
  return {
    irVersion: 8,
    opsetImport: [{domain: '', version: 17}, {domain: MICROSOFT, version: 1}],
    graph: {name: 'step', node: nodes, initializer: initializers, input: inputs.map(value),
            output: [value({name: 'head.y', dataType: type.FLOAT, dims: [1, 'M', V]})]},
  };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

function randomFloats(count) {
  const values = new Float32Array(count);
  for (let i = 0; i < count; ++i) values[i] = random() / 2 ** 32 - 0.5;
  return values;
}

const folder = mkdtempSync(join(tmpdir(), 'seedling-onnx-'));
let session;
try {
  const file = join(folder, 'step.onnx');
  writeFileSync(file, onnx.ModelProto.encode(onnx.ModelProto.fromObject(makeGraph())).finish());
  session = await ort.InferenceSession.create(file, {
    executionProviders: ['cpu'], intraOpNumThreads: Number(threads), interOpNumThreads: 1,
    graphOptimizationLevel: 'all', executionMode: 'sequential',
  });
} finally {
  rmSync(folder, {recursive: true, force: true});
}

const cached = {};
for (let layer = 0; layer < L; ++layer) {
  cached[`l${layer}.keys`] = new ort.Tensor('float32', randomFloats(K * D * context), [K, D, context]);
  cached[`l${layer}.values`] = new ort.Tensor('float32', randomFloats(K * D * context), [K, context, D]);
}
for (const size of sizes) {
  const m = Number(size);
  const feeds = {
    ...cached,
    tokens: new ort.Tensor('int64', BigInt64Array.from({length: m}, (_, i) => BigInt((i * 7919) % V)), [1, m]),
    positions: new ort.Tensor('int64', BigInt64Array.from({length: m}, (_, i) => BigInt(context + i)), [1, m]),
    length: new ort.Tensor('int64', BigInt64Array.of(BigInt(m)), [1]),
  };
  const times = [];
  for (let i = 0; i < 3; ++i) await session.run(feeds);
  const start = performance.now();
  let sum = 0;
  while (times.length < 5 || performance.now() - start < seconds * 1000) {
    const before = performance.now();
    const result = await session.run(feeds);
    times.push(performance.now() - before);
    sum = result['head.y'].data[0];
  }
  if (!Number.isFinite(sum)) throw new Error('the logits are not finite');
  console.log(JSON.stringify({engine: `onnxruntime ${kind === 'nbits4' ? 'int4' : 'int8'} ${kind}`, shape: shapeName, m, context, ms: median(times),
                              n: times.length}));
}
