// The official SDK's client on `belljar mcp`. One request a line on standard input, as JSON; one answer a line on standard output.
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const [command, ...args] = process.argv.slice(2);
const client = new Client({ name: 'belljar-test', version: '1.0.0' });
await client.connect(new StdioClientTransport({ command, args, env: process.env, stderr: 'inherit' }));

const answers = {
    server: () => ({ ...client.getServerVersion(), instructions: client.getInstructions() }),
    list: () => client.listTools(),
    call: (params) => client.callTool(params),
};

for await (const line of createInterface({ input: process.stdin })) {
    const { what, params } = JSON.parse(line);
    let answer;
    try {
        answer = await answers[what](params);
    } catch (error) {
        answer = { failed: String(error) };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
}
await client.close();
