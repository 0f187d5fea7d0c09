"""A model folder of ours with int8 weights as a GGUF file that llama.cpp runs: gguf_of_model.py MODEL FILE.gguf

The same numbers: a row's scale becomes that of its blocks (Q8_0, 16 bits). The vocabulary comes along, with the tokens
that llama.cpp's /infill asks for; the texts are cut into words as GPT-2's are, which is nearly as ours are.
"""
import json
import struct
import sys
from pathlib import Path

BLOCK = 32     # values of Q8_0 that share a scale
ZERO = 128     # the byte that means 0 in our panels
OUTPUTS, INPUTS = 16, 4  # of a panel's innermost piece
F32, Q8_0 = 0, 8         # ggml's types
ALIGNMENT = 32
NORMAL, CONTROL = 1, 3   # llama.cpp's token types
NAMES = {'self_attn.q_proj': 'attn_q', 'self_attn.k_proj': 'attn_k', 'self_attn.v_proj': 'attn_v',
         'self_attn.o_proj': 'attn_output', 'self_attn.q_norm': 'attn_q_norm', 'self_attn.k_norm': 'attn_k_norm',
         'input_layernorm': 'attn_norm', 'post_attention_layernorm': 'ffn_norm', 'mlp.gate_proj': 'ffn_gate',
         'mlp.up_proj': 'ffn_up', 'mlp.down_proj': 'ffn_down'}


def read_safetensors(path):
    """name: (shape, dtype, bytes)"""
    data = path.read_bytes()
    size = struct.unpack('<Q', data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop('__metadata__', None)
    return {name: (entry['shape'], entry['dtype'], data[8 + size + entry['data_offsets'][0]:
                                                        8 + size + entry['data_offsets'][1]])
            for name, entry in header.items()}


def floats_of_bf16(data):
    padded = b''.join(b'\0\0' + data[i:i + 2] for i in range(0, len(data), 2))
    return padded


def q8_0_of_panels(shape, data, scales):
    """Panels [N/16][I/4][16][4] and a scale for each row, as rows of blocks."""
    panels, quads = shape[0], shape[1]
    signed = data.translate(bytes((byte - ZERO) % 256 for byte in range(256)))
    size = quads * OUTPUTS * INPUTS
    out = bytearray()
    for panel in range(panels):
        piece = signed[panel * size:(panel + 1) * size]
        for output in range(OUTPUTS):
            row = bytearray(quads * INPUTS)
            for i in range(INPUTS):
                row[i::INPUTS] = piece[output * INPUTS + i::OUTPUTS * INPUTS]
            scale = struct.pack('<e', scales[panel * OUTPUTS + output])
            for begin in range(0, len(row), BLOCK):
                out += scale + row[begin:begin + BLOCK]
    return [quads * INPUTS, panels * OUTPUTS], bytes(out)


def name_of(name):
    if name == 'model.embed_tokens.weight':
        return 'token_embd.weight'
    if name == 'model.norm.weight':
        return 'output_norm.weight'
    _, _, layer, rest = name.split('.', 3)
    return f'blk.{layer}.{NAMES[rest.removesuffix(".weight")]}.weight'


def tensors_of(folder):
    read = read_safetensors(folder / 'model.safetensors')
    tensors = []
    for name, (shape, dtype, data) in read.items():
        if name.endswith('_scale'):
            continue
        if dtype == 'U8':
            scale_bytes = read[name + '_scale'][2]
            scales = struct.unpack(f'<{len(scale_bytes) // 4}f', scale_bytes)
            tensors.append((name_of(name), Q8_0, *q8_0_of_panels(shape, data, scales)))
        elif dtype in ('BF16', 'F32'):
            tensors.append((name_of(name), F32, shape[::-1], floats_of_bf16(data) if dtype == 'BF16' else data))
        else:
            sys.exit(f'seedling: {name} is {dtype}: only int8 models with BF16 or F32 norms can be converted')
    return tensors


def text(value):
    data = value.encode()
    return struct.pack('<Q', len(data)) + data


def entry(key, value):
    """A key with its value: a string, an unsigned number, a float, or a list of strings or of numbers."""
    kinds = {str: (8, text), int: (4, lambda v: struct.pack('<I', v)), float: (6, lambda v: struct.pack('<f', v))}
    if isinstance(value, list):
        kind, write = kinds[type(value[0])]
        kind, write = (5, lambda v: struct.pack('<i', v)) if kind == 4 else (kind, write)
        return text(key) + struct.pack('<IIQ', 9, kind, len(value)) + b''.join(map(write, value))
    kind, write = kinds[type(value)]
    return text(key) + struct.pack('<I', kind) + write(value)


def vocabulary_of(folder, size):
    tokenizer = json.loads((folder / 'tokenizer.json').read_text())
    special = {token['content']: token['id'] for token in tokenizer['added_tokens']}
    spelt = {number: word for word, number in {**tokenizer['model']['vocab'], **special}.items()}
    tokens = [spelt.get(number, f'<|unused{number}|>') for number in range(size)]
    merges = [' '.join(merge) if isinstance(merge, list) else merge for merge in tokenizer['model']['merges']]
    known = set(special.values())
    return {'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'qwen2', 'tokenizer.ggml.tokens': tokens,
            'tokenizer.ggml.token_type': [CONTROL if n in known or n not in spelt else NORMAL for n in range(size)],
            'tokenizer.ggml.merges': merges, 'tokenizer.ggml.eos_token_id': special['<|end|>'],
            'tokenizer.ggml.padding_token_id': special['<|pad|>'],
            'tokenizer.ggml.fim_pre_token_id': special['<|prefix|>'],
            'tokenizer.ggml.fim_suf_token_id': special['<|suffix|>'],
            'tokenizer.ggml.fim_mid_token_id': special['<|middle|>']}


def main(folder, out):
    config = json.loads((folder / 'config.json').read_text())
    keys = {'general.architecture': 'qwen3', 'general.alignment': ALIGNMENT, 'qwen3.vocab_size': config['vocab_size'],
            'qwen3.context_length': config['max_position_embeddings'], 'qwen3.embedding_length': config['hidden_size'],
            'qwen3.block_count': config['num_hidden_layers'],
            'qwen3.feed_forward_length': config['intermediate_size'],
            'qwen3.attention.head_count': config['num_attention_heads'],
            'qwen3.attention.head_count_kv': config['num_key_value_heads'],
            'qwen3.attention.key_length': config['head_dim'], 'qwen3.attention.value_length': config['head_dim'],
            'qwen3.attention.layer_norm_rms_epsilon': float(config['rms_norm_eps']),
            'qwen3.rope.freq_base': float(config['rope_theta']), **vocabulary_of(folder, config['vocab_size'])}
    tensors = tensors_of(folder)
    head = b'GGUF' + struct.pack('<IQQ', 3, len(tensors), len(keys))
    head += b''.join(entry(key, value) for key, value in keys.items())
    body = bytearray()
    for name, kind, shape, data in tensors:
        body += bytes(-len(body) % ALIGNMENT)
        head += text(name) + struct.pack('<I', len(shape)) + struct.pack(f'<{len(shape)}Q', *shape)
        head += struct.pack('<IQ', kind, len(body))
        body += data
    out.write_bytes(head + bytes(-len(head) % ALIGNMENT) + bytes(body))


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
