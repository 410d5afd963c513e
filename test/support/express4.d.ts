declare module 'express4' {
	// the types of Express 5 fit everything used here
	import express = require('express');
	export = express;
}
