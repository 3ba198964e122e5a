/** A listener that nobody should reach: it counts what no browser tells, such as a bare connection. */
import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class Trap {
  /** What came: requests, sockets, datagrams. */
  readonly caught: string[] = [];
  /** How often somebody connected, with or without a request. */
  connections = 0;

  /** Listen on a free port, for HTTP, sockets and datagrams alike. */
  static async open(): Promise<Trap> {
    const server = createServer((request, answer) => {
      trap.caught.push(`${request.method} ${request.url}`);
      answer.writeHead(204, { 'Access-Control-Allow-Origin': '*' }).end();
    });
    const trap = new Trap(server);
    server.on('connection', () => {
      trap.connections += 1;
    });
    server.on('upgrade', (request, socket) => {
      trap.caught.push(`upgrade ${request.url}`);
      socket.destroy();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    trap._datagrams.on('message', () => trap.caught.push('datagram'));
    await new Promise<void>(resolve =>
      trap._datagrams.bind(trap._port, '127.0.0.1', resolve)
    );
    return trap;
  }

  private constructor(private readonly _server: Server) {}

  get origin(): string {
    return `http://127.0.0.1:${this._port}`;
  }

  close(): void {
    this._server.close();
    this._server.closeAllConnections();
    this._datagrams.close();
  }

  private get _port(): number {
    return (this._server.address() as AddressInfo).port;
  }

  private readonly _datagrams = createSocket('udp4');
}
