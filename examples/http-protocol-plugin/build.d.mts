export declare const PLUGIN_FILE: string;
export declare function buildPlugin(): Promise<boolean>;
