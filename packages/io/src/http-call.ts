// HTTP as a host call, apart from whoever speaks HTTP: all that a thread needs which only asks for it.
export { HTTP_CALL, joinHttpCall } from './http-call-frame.ts';
export { decodeHttpReply, encodeHttpReply, type HttpCallReply } from './http-call-reply.ts';
export {
  decodeHttpRequest,
  encodeHttpRequest,
  type HttpCallDraft,
  type HttpCallRequest,
} from './http-call-request.ts';
